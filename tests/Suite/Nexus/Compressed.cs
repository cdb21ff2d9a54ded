using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Acceptance.Tests.Suite.Nexus;

/// <summary>Real compressed bytes for tests.</summary>
internal static class Compressed
{
    public static byte[] Gzip(string text) => Gzip(Encoding.UTF8.GetBytes(text));

    public static byte[] Gzip(byte[] bytes)
    {
        var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return memory.ToArray();
    }

    public static byte[] Zstandard(byte[] bytes)
    {
        using var compressor = new ZstdSharp.Compressor();
        return compressor.Wrap(bytes).ToArray();
    }

    public static byte[] Tarball(params (string Name, string Text)[] files)
    {
        var memory = new MemoryStream();
        using (var tar = new TarWriter(memory, leaveOpen: true))
        {
            foreach (var (name, text) in files)
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
            }
        }

        return Gzip(memory.ToArray());
    }
}
