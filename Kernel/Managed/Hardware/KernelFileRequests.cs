using System.Text;
using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Hardware;

/// <summary>The real file calls. There is one address space: paths and buffers are read and written in place.</summary>
internal sealed unsafe class KernelFileRequests : IFileRequests
{
    /// <summary>Longest piece of a read: Linux reads less than asked for, too, when that is very much.</summary>
    private const ulong LongestBuffer = 64 << 20;

    public bool TryTake(out FileRequest request)
    {
        FileRequest taken = default;
        long result = KernelEntry.Call(KernelCall.FileServe, (ulong)&taken);
        request = taken;
        return result >= 0;
    }

    public string PathOf(in FileRequest request) =>
        Encoding.UTF8.GetString(new ReadOnlySpan<byte>((void*)request.Path, (int)Math.Min(request.PathLength, 4096)));

    public Memory<byte> BufferOf(in FileRequest request) =>
        new UnmanagedMemory((nuint)request.Buffer, (int)Math.Min(request.Length, LongestBuffer)).Memory;

    public void Reply(in FileRequest request, long result, ulong position = 0) =>
        KernelEntry.Require(KernelCall.FileReply, request.Id, (ulong)result, position);
}
