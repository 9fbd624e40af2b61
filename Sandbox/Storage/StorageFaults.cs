using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Sandbox.Storage.Scsi;

namespace GuestOS.Sandbox.Storage;

/// <summary>What a storage host does wrong on purpose. Counts go down by one each time; all is well at zero.</summary>
public sealed class StorageFaults
{
    /// <summary>Commands that are neither executed nor answered.</summary>
    public int Swallowed { get; set; }

    /// <summary>Commands that are executed and never answered.</summary>
    public int Unanswered { get; set; }

    /// <summary>Answers that come twice.</summary>
    public int Doubled { get; set; }

    /// <summary>Answers that a completion with an unused transaction id goes before.</summary>
    public int Strays { get; set; }

    /// <summary>Set-up requests that are not answered.</summary>
    public int SilentSetUps { get; set; }

    /// <summary>Resets that are not answered.</summary>
    public int SilentResets { get; set; }

    /// <summary>A command is about to be executed: true says that this has ended it already.</summary>
    public Func<ScsiAddress, ScsiCommand, bool>? Before { get; set; }

    /// <summary>An answer is about to be sent: what is sent instead, in any length; null sends nothing.</summary>
    public Func<StorageOperation, byte[], byte[]?>? EditAnswer { get; set; }

    internal bool TakeSwallowed() => Swallowed > 0 && Swallowed-- > 0;

    internal bool TakeUnanswered() => Unanswered > 0 && Unanswered-- > 0;

    internal bool TakeDoubled() => Doubled > 0 && Doubled-- > 0;

    internal bool TakeStray() => Strays > 0 && Strays-- > 0;

    internal bool TakeSilentSetUp() => SilentSetUps > 0 && SilentSetUps-- > 0;

    internal bool TakeSilentReset() => SilentResets > 0 && SilentResets-- > 0;
}
