using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Machine;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>A SCSI command on its way through a queue. One try at a time; what follows it decides.</summary>
internal abstract class StorageCommand : ChannelRequest
{
    private CdbOrSense _cdb;
    private MemoryHandle _pin;

    public CommandState State => List?.State ?? CommandState.InHand;

    public LunAddress Address { get; protected set; }

    /// <summary>The command block, zeroed by <see cref="ClearCdb"/>.</summary>
    public Span<byte> Cdb => MemoryMarshal.CreateSpan(ref Unsafe.As<CdbOrSense, byte>(ref _cdb), CdbOrSense.CdbLength);

    public byte CdbLength { get; protected set; }

    public DataDirection Direction { get; protected set; }

    /// <summary>What is transferred; empty for a command without data.</summary>
    public Memory<byte> Data { get; protected set; }

    /// <summary>Ticks that the host has had it.</summary>
    public int Age { get; set; }

    /// <summary>The issuer does not want it any more.</summary>
    public bool IsCancelRequested { get; set; }

    /// <summary>The queue that has it.</summary>
    public StorageQueue? Queue { get; set; }

    /// <summary>The list that it is in, of which it is the only one. The list's to change, as are the links.</summary>
    public CommandList? List { get; set; }

    /// <summary>Link of that list.</summary>
    public StorageCommand? Next { get; set; }

    /// <summary>Link of that list.</summary>
    public StorageCommand? Previous { get; set; }

    /// <summary>A buffer of the driver's that the data goes through.</summary>
    public DmaBuffer? Bounce { get; set; }

    /// <summary>When its pause is over.</summary>
    public long Due { get; set; }

    /// <summary>One try has ended. Outside of all locks, on the channel's thread.</summary>
    public abstract void OnEnded(in CommandOutcome outcome);

    /// <summary>It was cancelled while it waited.</summary>
    public abstract void OnCancelled();

    /// <summary>Makes the try transfer no more than this. False when it cannot.</summary>
    public abstract bool TryShrink(int bytes);

    public void SetPin(MemoryHandle pin) => _pin = pin;

    /// <summary>The host does not use the memory any more.</summary>
    public void ReleasePin()
    {
        _pin.Dispose();
        _pin = default;
    }

    protected void ClearCdb() => Cdb.Clear();

    public override void OnCompleted(RequestStatus status, ReadOnlySpan<byte> payload) => Queue!.Finish(this, status, payload);
}
