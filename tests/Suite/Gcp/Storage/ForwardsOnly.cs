using Acceptance.Platform.Http;

namespace Acceptance.Tests.Suite.Gcp.Storage;

/// <summary>A stream that cannot go back, as a pipe is.</summary>
internal sealed class ForwardsOnly(byte[] content) : ReadOnlyStream
{
    private int _at;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = Math.Min(Math.Min(buffer.Length, 100_001), content.Length - _at);
        content.AsSpan(_at, read).CopyTo(buffer.Span);
        _at += read;
        return ValueTask.FromResult(read);
    }
}
