using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Twite.Style;

/// <summary>What the compiler lets pass and this code base does not, found in the syntax of every C# file.</summary>
public sealed partial class SourceTests
{
    private static readonly Lazy<IReadOnlyList<(string File, CompilationUnitSyntax Unit)>> Sources = new(() =>
        [.. new[] { "src", "tests", "bench" }.SelectMany(f => Tree.Files(f, ".cs")).Select(f => (f, Parse(Tree.Read(f))))]);

    [Fact]
    public void No_static_can_change() => Verdict.Nothing(All(MutableStatics));

    [Fact]
    public void No_method_is_async_void() => Verdict.Nothing(All(AsyncVoids));

    [Fact]
    public void No_regions() => Verdict.Nothing(All(Regions));

    [Fact]
    public void No_type_is_named_for_its_role_in_a_pattern() => Verdict.Nothing(All(ForbiddenNames));

    [Fact]
    public void No_comment_leaves_something_to_do() => Verdict.Nothing(All(ToDos));

    // The rules themselves can fail: each finds what it is there for.

    [Theory]
    [InlineData("class A { static int b; }", 1)]
    [InlineData("class A { static int B { get; set; } }", 1)]
    [InlineData("class A { static readonly Dictionary<int, int> b = []; }", 1)]
    [InlineData("class A { static readonly System.Collections.Concurrent.ConcurrentQueue<int> b = new(); }", 1)]
    [InlineData("class A { static readonly int[] b = []; const int c = 1; static int D { get; } = 1; static int E => 1; int f; }", 0)]
    public void Finds_statics_that_can_change(string source, int count) => Assert.Equal(count, MutableStatics(Parse(source)).Count());

    [Theory]
    [InlineData("class A { async void B() { } }", 1)]
    [InlineData("class A { void B() { async void C() { } } }", 1)]
    [InlineData("class A { async Task B() { } void C() { } }", 0)]
    public void Finds_async_void(string source, int count) => Assert.Equal(count, AsyncVoids(Parse(source)).Count());

    [Theory]
    [InlineData("class BookManager { }", 1)]
    [InlineData("record BookDto(int A); static class BookHelpers { } interface IBookUtils { } struct BookImpl { }", 4)]
    [InlineData("namespace Books.Common; class Book { }", 1)]
    [InlineData("namespace Books; class Managers { } enum Helping { A }", 0)]
    public void Finds_forbidden_names(string source, int count) => Assert.Equal(count, ForbiddenNames(Parse(source)).Count());

    [Theory]
    [InlineData("// TODO: write it\nclass A { }", 1)]
    [InlineData("class A { /* FIXME */ string b = \"TODO\"; }", 1)]
    [InlineData("/// <summary>HACK</summary>\nclass A { }", 1)]
    [InlineData("// Nothing to do.\nclass A { }", 0)]
    public void Finds_what_is_left_to_do(string source, int count) => Assert.Equal(count, ToDos(Parse(source)).Count());

    [Fact]
    public void Finds_regions() => Assert.Single(Regions(Parse("#region A\nclass A { }\n#endregion")));

    private static IEnumerable<string> MutableStatics(CompilationUnitSyntax unit)
    {
        foreach (var field in unit.DescendantNodes().OfType<FieldDeclarationSyntax>().Where(f => f.Modifiers.Any(SyntaxKind.StaticKeyword)))
        {
            if (!field.Modifiers.Any(SyntaxKind.ReadOnlyKeyword) || MutableCollection().IsMatch(field.Declaration.Type.ToString()))
            {
                yield return field.Declaration.ToString();
            }
        }
        foreach (var property in unit.DescendantNodes().OfType<PropertyDeclarationSyntax>().Where(p => p.Modifiers.Any(SyntaxKind.StaticKeyword)))
        {
            if (property.AccessorList?.Accessors.Any(a => a.IsKind(SyntaxKind.SetAccessorDeclaration) && a.Body is null && a.ExpressionBody is null) == true)
            {
                yield return property.ToString();
            }
        }
    }

    private static IEnumerable<string> AsyncVoids(CompilationUnitSyntax unit) =>
        unit.DescendantNodes().Where(n => n switch
        {
            MethodDeclarationSyntax m => m.Modifiers.Any(SyntaxKind.AsyncKeyword) && IsVoid(m.ReturnType),
            LocalFunctionStatementSyntax l => l.Modifiers.Any(SyntaxKind.AsyncKeyword) && IsVoid(l.ReturnType),
            _ => false,
        }).Select(n => n.ToString());

    private static IEnumerable<string> Regions(CompilationUnitSyntax unit) =>
        unit.DescendantTrivia().Where(t => t.IsKind(SyntaxKind.RegionDirectiveTrivia)).Select(t => t.ToString());

    private static IEnumerable<string> ForbiddenNames(CompilationUnitSyntax unit) =>
        unit.DescendantNodes().OfType<BaseTypeDeclarationSyntax>().Select(t => t.Identifier.Text)
            .Where(n => ForbiddenType().IsMatch(n))
            .Concat(unit.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().Select(n => n.Name.ToString())
                .Where(n => n.Split('.').Any(part => ForbiddenNamespace().IsMatch(part))));

    private static IEnumerable<string> ToDos(CompilationUnitSyntax unit) =>
        unit.DescendantTrivia(descendIntoTrivia: false)
            .Where(t => t.IsKind(SyntaxKind.SingleLineCommentTrivia) || t.IsKind(SyntaxKind.MultiLineCommentTrivia)
                || t.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia))
            .Select(t => t.ToFullString()).Where(text => FileTests.ToDo().IsMatch(text));

    private static IEnumerable<string> All(Func<CompilationUnitSyntax, IEnumerable<string>> rule) =>
        Sources.Value.SelectMany(s => rule(s.Unit).Select(found => $"{s.File}: {found}"));

    private static CompilationUnitSyntax Parse(string source) =>
        CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.Preview)).GetCompilationUnitRoot();

    private static bool IsVoid(TypeSyntax type) => type is PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.VoidKeyword };

    [GeneratedRegex("(Manager|Helper|Helpers|Utils|Util|Utilities|Impl|Dto|DTO)$")]
    private static partial Regex ForbiddenType();

    [GeneratedRegex("^(Common|Shared|Domain|Application|Infrastructure|Helpers?|Utils?|Utilities|Misc)$")]
    private static partial Regex ForbiddenNamespace();

    [GeneratedRegex(@"(^|\.)(Concurrent\w+|List|Dictionary|HashSet|Queue|Stack|SortedSet|SortedDictionary|PriorityQueue|LinkedList|StringBuilder)(<|$)")]
    private static partial Regex MutableCollection();
}
