using Acceptance.Platform.Gcp.Storage;

namespace Acceptance.Tests.Suite.Gcp.Storage;

public sealed class ObjectPathTests
{
    [Theory]
    [InlineData("http://bucket/name", "'http://bucket/name' is no path of an object: gs://bucket/name is expected.")]
    [InlineData("gs://bucket", "'gs://bucket' names a bucket and no object: gs://bucket/name is expected.")]
    [InlineData("gs://bucket/", "'' is no name of an object: it is empty.")]
    [InlineData("gs://bucket/..", "'..' is no name of an object: it is '.' or '..'.")]
    [InlineData("gs://bucket/a\nb", "'a\nb' is no name of an object: it has a carriage return or a line feed.")]
    [InlineData("gs://Bucket/a", "'Bucket' is no name of a bucket: it has capitals.")]
    [InlineData("gs://b/a", "'b' is no name of a bucket: it has fewer than 3 characters.")]
    [InlineData("gs://192.168.5.4/a", "'192.168.5.4' is no name of a bucket: it is an IP address.")]
    [InlineData("gs://bucket\n/a", "'bucket\n' is no name of a bucket: it has other characters than a-z, 0-9, '-', '_' and '.', or begins or ends with none of a-z and 0-9.")]
    [InlineData("gs://goog-x/a", "'goog-x' is no name of a bucket: it begins with 'goog' or holds 'google'.")]
    [InlineData("gs://-abc/a", "'-abc' is no name of a bucket: it has other characters than a-z, 0-9, '-', '_' and '.', or begins or ends with none of a-z and 0-9.")]
    public void A_path_that_is_none_is_refused_with_the_rule_that_it_breaks(string text, string message)
    {
        var parsing = () => ObjectPath.Parse(text);

        parsing.Should().Throw<FormatException>().WithMessage(message);
    }

    [Fact]
    public void A_name_that_is_too_long_is_refused_with_its_length()
    {
        var parsing = () => new ObjectPath(BucketName.Parse("bucket"), new string('é', 513));

        parsing.Should().Throw<FormatException>().WithMessage("*: it has 1026 bytes of UTF-8, more than 1024.");
        ObjectPath.Parse("gs://bucket/a//b/../c ?#").ToString().Should().Be("gs://bucket/a//b/../c ?#", "slashes mean nothing");
    }
}
