using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Twite.Web.Api.Entities;

namespace Twite.Web.Api;

/// <summary>What this network is, and what clients must keep to.</summary>
internal static class InstanceEndpoints
{
    // Clients read the first number as what of the Mastodon API there is.
    private static readonly string Version =
        $"4.0.0 (compatible; Twite {typeof(InstanceEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "1.0.0"})";

    public static Task V2Async(ApiCall call)
    {
        var options = call.Http.RequestServices.GetRequiredService<ApiOptions>();
        return call.WriteAsync(
            new InstanceEntity(
                call.Links.Domain, options.Title, Version, options.SourceUrl, options.Description, new UsageEntity(new UsersEntity(0)),
                new ThumbnailEntity(Thumbnail(call)), Configuration(call), new RegistrationsEntity(true, false, null), new ContactEntity("", null)),
            ApiJson.Plain.InstanceEntity);
    }

    public static Task V1Async(ApiCall call)
    {
        var options = call.Http.RequestServices.GetRequiredService<ApiOptions>();
        return call.WriteAsync(
            new InstanceV1Entity(
                call.Links.Domain, options.Title, options.Description, options.Description, "", Version, new InstanceUrlsV1Entity(call.Links.Base),
                new StatsEntity(0, 0, 0), Thumbnail(call), Configuration(call)),
            ApiJson.Plain.InstanceV1Entity);
    }

    private static string Thumbnail(ApiCall call) => call.Links.Base + "/assets/finch.svg";

    private static InstanceConfigurationEntity Configuration(ApiCall call) => new(new InstanceUrlsEntity(call.Links.Base, call.Links.Base));
}
