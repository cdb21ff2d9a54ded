using System.Text;

namespace Acceptance.Recette.Commands;

/// <summary>The variables of a twin, as a file that a shell sources and that only its owner reads.</summary>
internal static class TwinExport
{
    /// <summary>Name of the variable that holds the file's own path, so that tests started elsewhere find it.</summary>
    public const string FileVariable = "ACCEPTANCE_ENVIRONMENT_FILE";

    /// <param name="path">Absolute.</param>
    /// <exception cref="RecetteException">It cannot be written.</exception>
    /// <returns>The path.</returns>
    public static string Write(string path, IReadOnlyDictionary<string, string> variables)
    {
        var text = string.Concat(variables.OrderBy(variable => variable.Key, StringComparer.Ordinal)
            .Prepend(new(FileVariable, path))
            .Select(variable => $"export {variable.Key}={Quoted(variable.Value)}\n"));
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
            }

            File.Move(temporary, path, overwrite: true);
            return path;
        }
        catch (DirectoryNotFoundException exception)
        {
            throw new RecetteException($"--export '{path}' cannot be written: its folder does not exist.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw new RecetteException($"--export '{path}' cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>In single quotes, where a shell reads every other character as itself.</summary>
    private static string Quoted(string value) => $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
