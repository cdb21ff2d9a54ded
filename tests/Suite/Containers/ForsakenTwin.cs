namespace Acceptance.Tests.Suite.Containers;

/// <summary>What a twin that was killed leaves on disk: what a living one says of a container, without anybody's lock.</summary>
internal sealed class ForsakenTwin : IDisposable
{
    /// <param name="process">The process that the living one has started.</param>
    public ForsakenTwin(string process)
    {
        var record = new DirectoryInfo(System.IO.Path.GetTempPath()).GetDirectories("acceptance-containers-*")
            .Select(folder => new FileInfo(System.IO.Path.Combine(folder.FullName, "running", process))).Single(file => file.Exists);
        Path = Directory.CreateTempSubdirectory("acceptance-containers-").FullName;
        record.CopyTo(System.IO.Path.Combine(Directory.CreateDirectory(System.IO.Path.Combine(Path, "running")).FullName, process));

        // Last: from now on a twin that starts takes it for forsaken.
        File.WriteAllText(System.IO.Path.Combine(Path, "lock"), "");
    }

    public string Path { get; }

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
