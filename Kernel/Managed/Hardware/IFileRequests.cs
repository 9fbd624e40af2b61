using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Hardware;

/// <summary>The file calls that the low-level kernel passes on.</summary>
internal interface IFileRequests
{
    /// <summary>Blocks until there is a request; false when there will never be one again.</summary>
    bool TryTake(out FileRequest request);

    /// <summary>The request's path.</summary>
    string PathOf(in FileRequest request);

    /// <summary>The caller's buffer; usable until the reply.</summary>
    Memory<byte> BufferOf(in FileRequest request);

    /// <summary>Ends a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="result">Result of the Linux call: negative errno on failure.</param>
    /// <param name="position">The new file position, after <see cref="FileOperation.ReadDirectory"/>.</param>
    void Reply(in FileRequest request, long result, ulong position = 0);
}
