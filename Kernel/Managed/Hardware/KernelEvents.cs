using System.Buffers;
using GuestOS.Kernel.Core;
using GuestOS.Kernel.Events;

namespace GuestOS.Kernel.Hardware;

/// <summary>The event log on COM2.</summary>
internal sealed unsafe class KernelEvents : IEventLog
{
    public void Write(string kind, params ReadOnlySpan<EventMember> members)
    {
        var text = new ArrayBufferWriter<byte>(512);
        EventFormat.Append(text, kind, members);
        fixed (byte* first = text.WrittenSpan)
            KernelEntry.Call(KernelCall.EventWrite, (ulong)first, (ulong)text.WrittenCount);
    }
}
