using Acceptance.StandIns.Harbor.Content;

namespace Acceptance.Tests.Suite.Harbor;

public sealed class BlobFolderTests
{
    [Fact]
    public void The_folder_of_a_process_that_was_killed_goes_and_that_of_one_that_lives_stays()
    {
        using var living = new BlobFolder();
        var upload = living.PathOfUpload(Guid.NewGuid());
        File.WriteAllText(upload, "bytes");
        var forsaken = Directory.CreateTempSubdirectory("acceptance-harbor-");
        File.WriteAllText(Path.Combine(forsaken.FullName, "lock"), "");

        using var next = new BlobFolder();

        (File.Exists(upload), Directory.Exists(forsaken.FullName)).Should().Be((true, false));
    }

    [Fact]
    public void A_blob_is_kept_until_the_last_repository_lets_it_go()
    {
        using var folder = new BlobFolder();
        var links = new BlobLinks(folder);
        var digest = OciDigest.Sha256("bytes"u8);
        var upload = folder.PathOfUpload(Guid.NewGuid());
        File.WriteAllText(upload, "bytes");
        links.Adopt("lab/a", digest, upload);
        links.Mount("lab/a", "lab/b", digest);

        links.RemoveAll("lab/a");
        var (first, second) = (links.Find("lab/a", digest), links.Find("lab/b", digest));
        links.Remove("lab/b", digest);

        (first, second?.Length, folder.Find(digest)).Should().Be((null, 5, null));
    }
}
