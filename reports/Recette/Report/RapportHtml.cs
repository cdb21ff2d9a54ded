using System.Text;
using Acceptance.Recette.Verdicts;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Acceptance.Recette.Report;

/// <summary><c>rapport.html</c>: the verdict as one French page that needs no other file to be read, and the evidence beside it to be checked.</summary>
public static class RapportHtml
{
    /// <summary>Its name.</summary>
    public const string Name = "rapport.html";

    /// <summary>Words of the banner on every page whose results come from a twin.</summary>
    public const string TwinBanner = "Jumeau\u00A0: sans valeur de recette";

    private static readonly Lazy<string> Css = new(ReadCss);

    /// <summary>The bytes of the page; same verdict, same bytes.</summary>
    public static async Task<byte[]> RenderAsync(Verdict verdict)
    {
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        var html = await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(Rapport.Verdict)] = verdict });
            return (await renderer.RenderComponentAsync<Rapport>(parameters)).ToHtmlString();
        });
        return Encoding.UTF8.GetBytes(html.ReplaceLineEndings("\n"));
    }

    /// <summary>The style sheet, with the margins of this campaign's printed pages.</summary>
    internal static MarkupString StyleOf(Verdict verdict)
    {
        var banner = verdict.Campaign.Twin
            ? $$"""  @top-center { content: {{Quoted(TwinBanner.ToUpperInvariant())}}; font-weight: 700; color: #8a3b00; border-bottom: 1px solid #8a3b00; }"""
            : "";
        return (MarkupString)$$"""
            {{Css.Value}}
            @page {
            {{banner}}
              @bottom-left { content: {{Quoted($"Campagne {verdict.Campaign.Id}")}}; }
              @bottom-center { content: {{Quoted($"Empreinte des preuves {verdict.Evidence.Root[..16]}…")}}; }
              @bottom-right { content: "Page\00A0" counter(page) "\00A0/\00A0" counter(pages); }
            }
            """;
    }

    /// <summary>A CSS string that can end neither itself nor the style element.</summary>
    private static string Quoted(string text) =>
        $"\"{string.Concat(text.Select(character => character is '"' or '\\' or '<' or '>' or '&' or < ' ' ? $"\\{(int)character:X6}" : character.ToString()))}\"";

    private static string ReadCss()
    {
        using var stream = typeof(RapportHtml).Assembly.GetManifestResourceStream("rapport.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
