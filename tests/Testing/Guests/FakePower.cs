using GuestOS.Machine.Power;

namespace GuestOS.Testing.Guests;

/// <summary>A machine that remembers what it was told, in order.</summary>
internal sealed class FakePower : IMachinePower
{
    public List<string> Calls { get; } = [];

    /// <summary>How a flush ends; at once by default.</summary>
    public Func<CancellationToken, ValueTask> Flush { get; set; } = _ => ValueTask.CompletedTask;

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        Calls.Add("flush");
        await Flush(cancellationToken).ConfigureAwait(false);
    }

    public void BeginEnd(MachineEnd how) => Calls.Add(how.ToString());
}
