using System.Runtime.InteropServices;
using Acceptance.Platform.Harbor.Oci;
using CliWrap;
using CliWrap.Buffered;

namespace Acceptance.Tests.Suite.Programs;

/// <summary>
/// A base image with .NET's shared runtimes and the libraries that they need, all of this very machine: with it a program runs in Docker
/// where no other image can be pulled. A platform has a base of its own.
/// </summary>
internal static class RuntimeBase
{
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    // Loaded by name at run time, so that ldd does not tell: OpenSSL, and what glibc resolves names with.
    private static readonly string[] LoadedByName = ["libssl.so.3", "libcrypto.so.3", "libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2"];

    /// <summary>The folder of the <c>dotnet</c> that runs this.</summary>
    public static string DotNet { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    public static async Task<OciImage> BuildAsync(CancellationToken cancellationToken) => await OciImage.Build()
        .WithLayer([.. await LibrariesAsync(cancellationToken), new LayerFile("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"u8.ToArray()), new LayerFile("tmp/.keep", default)])
        .WithLayer([.. RuntimeFiles().Select(Of)])
        .WithVariable("PATH", DotNet)
        .BuildAsync(cancellationToken);

    private static IEnumerable<string> RuntimeFiles() => new[] { "host", "shared" }
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(DotNet, folder), "*", SearchOption.AllDirectories))
        .Where(file => !file.Contains("/apphost", StringComparison.Ordinal))
        .Append(Path.Combine(DotNet, "dotnet"))
        .Order(StringComparer.Ordinal);

    private static async Task<IEnumerable<LayerFile>> LibrariesAsync(CancellationToken cancellationToken)
    {
        var listed = await Cli.Wrap("ldconfig").WithArguments("-p").ExecuteBufferedAsync(cancellationToken);
        var byName = LoadedByName.Select(name => listed.StandardOutput.Split('\n').FirstOrDefault(line => line.Contains($"\t{name} (libc6,x86-64)", StringComparison.Ordinal)))
            .OfType<string>().Select(line => line.Split("=> ")[1].Trim()).ToList();
        var asked = RuntimeFiles().Where(file => file.EndsWith(".so", StringComparison.Ordinal) || Path.GetFileName(file) == "dotnet").Concat(byName);
        var needed = await Cli.Wrap("ldd").WithArguments(asked).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(cancellationToken);
        var paths = needed.StandardOutput.Split('\n').Where(line => line.StartsWith('\t'))
            .Select(line => line.Trim().Split(' ').FirstOrDefault(word => word.StartsWith('/'))).OfType<string>()
            .Where(path => !path.StartsWith(DotNet, StringComparison.Ordinal));
        return paths.Concat(byName).Distinct().Order(StringComparer.Ordinal).Select(Of);
    }

    private static LayerFile Of(string path) => new(path[1..], File.ReadAllBytes(path), Executable);
}
