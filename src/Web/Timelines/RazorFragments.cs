using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.Razor;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Twite.Web.Timelines;

/// <summary>Renders a partial view outside of any request. Any thread may use it.</summary>
internal sealed class RazorFragments(IServiceScopeFactory scopes, IRazorViewEngine engine)
{
    /// <summary>The HTML of a view by its path, <c>/Pages/_Message.cshtml</c>.</summary>
    public async Task<string> RenderAsync<TModel>(string path, TModel model)
    {
        await using var scope = scopes.CreateAsyncScope();
        var view = engine.GetView(executingFilePath: null, path, isMainPage: false).View
            ?? throw new InvalidOperationException($"There is no view {path}.");
        var action = new ActionContext(
            new DefaultHttpContext { RequestServices = scope.ServiceProvider }, new RouteData(), new ActionDescriptor());
        var data = new ViewDataDictionary<TModel>(new EmptyModelMetadataProvider(), new ModelStateDictionary()) { Model = model };
        await using var html = new StringWriter();
        await view.RenderAsync(new ViewContext(action, view, data, NoTempData(action), html, new HtmlHelperOptions()));
        return html.ToString();
    }

    private static TempDataDictionary NoTempData(ActionContext action) => new(action.HttpContext, new NoTempDataProvider());

    private sealed class NoTempDataProvider : ITempDataProvider
    {
        public IDictionary<string, object> LoadTempData(HttpContext context) => new Dictionary<string, object>();

        public void SaveTempData(HttpContext context, IDictionary<string, object> values)
        {
        }
    }
}
