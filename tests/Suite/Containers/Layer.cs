using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Acceptance.Tests.Suite.Harbor;
using ZstdSharp;

namespace Acceptance.Tests.Suite.Containers;

/// <summary>A layer that a test makes, entry by entry, good or bad.</summary>
internal sealed class Layer
{
    public const string Gzip = "application/vnd.oci.image.layer.v1.tar+gzip";
    public const string Zstd = "application/vnd.oci.image.layer.v1.tar+zstd";
    public const string Plain = "application/vnd.oci.image.layer.v1.tar";

    private const UnixFileMode Everything = (UnixFileMode)0b111_101_101;

    private readonly List<Func<TarEntry>> _entries = [];

    public string Type { get; init; } = Gzip;

    /// <summary>What is put behind the entries.</summary>
    public byte[] Tail { get; init; } = [];

    /// <summary>Whether there is an archive at all.</summary>
    public bool Whole { get; init; } = true;

    public Layer File(string name, string content, UnixFileMode mode = (UnixFileMode)0b110_100_100) => File(name, Encoding.UTF8.GetBytes(content), mode);

    public Layer File(string name, byte[] content, UnixFileMode mode) =>
        Add(() => new PaxTarEntry(TarEntryType.RegularFile, name) { Mode = mode, DataStream = new MemoryStream(content) });

    /// <summary>Programs of this host with the libraries that they need, for images that have nothing else.</summary>
    public Layer Programs(params IReadOnlyList<string> paths)
    {
        foreach (var library in paths.SelectMany(Libraries).Distinct())
        {
            File(library[1..], System.IO.File.ReadAllBytes(library), Everything);
        }

        foreach (var path in paths)
        {
            File(path[1..], System.IO.File.ReadAllBytes(path), Everything);
        }

        return this;
    }

    /// <summary>Every file of a directory of this host.</summary>
    public Layer Files(string under, string directory)
    {
        foreach (var file in new DirectoryInfo(directory).EnumerateFiles())
        {
            Add(() => new PaxTarEntry(TarEntryType.RegularFile, $"{under}/{file.Name}") { DataStream = new MemoryStream(System.IO.File.ReadAllBytes(file.FullName)) });
        }

        return this;
    }

    /// <summary>A program: a script of the host's sh.</summary>
    public Layer Script(string name, string content) => File(name, "#!/bin/sh\n" + content, Everything);

    /// <summary>A file of zeros.</summary>
    public Layer Zeros(string name, long size) => Add(() => new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(new byte[size]) });

    public Layer Folder(string name) => Add(() => new PaxTarEntry(TarEntryType.Directory, name) { Mode = Everything });

    public Layer Link(string name, string target) => Add(() => new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target });

    public Layer HardLink(string name, string target) => Add(() => new PaxTarEntry(TarEntryType.HardLink, name) { LinkName = target });

    public Layer Special(TarEntryType type, string name) => Add(() => new PaxTarEntry(type, name));

    /// <summary>Attributes of all entries that follow, under the name that .NET gives them: one in the temporary directory.</summary>
    public Layer Global(string attribute, string value) => Add(() => new PaxGlobalExtendedAttributesTarEntry(new Dictionary<string, string> { [attribute] = value }));

    /// <summary>A file with an attribute of its own.</summary>
    public Layer Described(string name, string attribute, string value) => Add(() => new PaxTarEntry(TarEntryType.RegularFile, name, new Dictionary<string, string> { [attribute] = value }));

    /// <summary>The header of a block that describes an entry, such as <c>x</c> (attributes) or <c>L</c> (a long name), without the block.</summary>
    public static byte[] Header(char type, long size)
    {
        var header = new byte[512];
        Put(0, "././@described");
        Put(100, "0000644\0" + "0000000\0" + "0000000\0" + Convert.ToString(size, 8).PadLeft(11, '0') + "\0" + "00000000000\0");
        Put(148, "        ");
        Put(156, type.ToString());
        Put(257, type == 'x' ? "ustar\0" + "00" : "ustar  \0");
        Put(148, Convert.ToString(header.Sum(one => one), 8).PadLeft(6, '0') + "\0 ");
        return header;

        void Put(int at, string text) => Encoding.ASCII.GetBytes(text, header.AsSpan(at));
    }

    /// <summary>The archive, and what it is once compressed.</summary>
    public (byte[] Blob, string DiffId) Build()
    {
        using var archive = new MemoryStream();
        if (Whole)
        {
            using var tar = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true);
            _entries.ForEach(entry => tar.WriteEntry(entry()));
        }

        archive.Write(Tail);
        return (Compressed(archive.ToArray()), HarborWire.Digest(archive.ToArray()));
    }

    private static IEnumerable<string> Libraries(string program)
    {
        using var ldd = Process.Start(new ProcessStartInfo("ldd", [program]) { RedirectStandardOutput = true })!;
        return ldd.StandardOutput.ReadToEnd().Split([' ', '\t', '\n']).Where(word => word.StartsWith('/')).ToList();
    }

    private byte[] Compressed(byte[] archive)
    {
        using var compressed = new MemoryStream();
        using (var stream = Compression(compressed))
        {
            stream.Write(archive);
        }

        return compressed.ToArray();
    }

    private Stream Compression(MemoryStream to) => Type switch
    {
        Gzip => new GZipStream(to, CompressionLevel.Optimal, leaveOpen: true),
        Zstd => new CompressionStream(to),
        _ => new BufferedStream(to),
    };

    private Layer Add(Func<TarEntry> entry)
    {
        _entries.Add(() =>
        {
            var made = entry();
            made.ModificationTime = DateTimeOffset.UnixEpoch;
            return made;
        });
        return this;
    }
}
