using GuestOS.Drivers.Synthetic.Balloon;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Balloon;

/// <summary>The messages that wait for the thread of dynamic memory.</summary>
public sealed class MessageInboxTests
{
    [Fact]
    public void Messages_come_out_in_order_and_what_finds_no_room_is_refused()
    {
        var calls = new List<string>();
        var inbox = new MessageInbox(8, () => calls.Add("pause"), () => calls.Add("resume"));
        Assert.False(inbox.TryPeek(out _));
        for (byte i = 0; i < 4; i++)
            Assert.True(inbox.TryAdd([i]));
        Assert.False(inbox.TryAdd([4]));
        Assert.Equal(["pause"], calls);
        for (byte i = 0; i < 4; i++)
        {
            Assert.True(inbox.TryPeek(out var message));
            Assert.Equal([i], message.ToArray());
            inbox.Remove();
        }

        Assert.False(inbox.TryPeek(out _));
        Assert.Equal(["pause", "resume"], calls);
    }

    [Fact]
    public void An_owner_that_takes_everything_out_while_the_channel_is_being_paused_does_not_leave_it_paused()
    {
        MessageInbox? inbox = null;
        var isPaused = false;
        var isEmpty = false;
        var owner = new Thread(() =>
        {
            while (inbox!.TryPeek(out _))
                inbox.Remove();
            Volatile.Write(ref isEmpty, true);
        });
        inbox = new MessageInbox(8, Pause, () => Volatile.Write(ref isPaused, false));
        for (var i = 0; i < 4; i++)
            Assert.True(inbox.TryAdd([1]));
        owner.Join();
        Assert.True(isEmpty);
        Assert.False(isPaused, "the channel is paused, the inbox empty: nobody will resume it");

        // The owner runs, on another processor, as far as it can: it takes all out, or has to wait.
        void Pause()
        {
            owner.Start();
            while (!Volatile.Read(ref isEmpty) && (owner.ThreadState & ThreadState.WaitSleepJoin) == 0)
                Thread.Yield();
            Volatile.Write(ref isPaused, true);
        }
    }
}
