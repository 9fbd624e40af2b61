using GuestOS.Sandbox.VmBus;
using Xunit;

namespace GuestOS.Sandbox.Tests.VmBus;

/// <summary>A host with one device, whose service a test looks at.</summary>
public abstract class ChannelTest : BusTest
{
    private protected RecordingProvider Provider { get; } = new();

    /// <summary>A host with the provider, and its channel open.</summary>
    private protected HandChannel StartOpen(uint version = 0x50003, VmBusHostOptions? options = null, int outPages = 2, int inPages = 2)
    {
        Start(options);
        Host.Offer(Provider);
        return OpenChannel(ConnectAndList(version, at16: version >= 0x50000 ? 2u : 0)[0], outPages, inPages);
    }

    /// <summary>Posts an open; the status of its answer.</summary>
    /// <param name="words">The message's words up to the downstream offset.</param>
    private protected uint OpenStatus(params uint[] words)
    {
        var message = HandGuest.Words(words);
        Array.Resize(ref message, 148);
        Post(message);
        var answer = Guest.Take();
        Assert.Equal((6u, 20, words[3]), (HandGuest.Word(answer, 0), answer.Length, HandGuest.Word(answer, 12)));
        return HandGuest.Word(answer, 16);
    }
}
