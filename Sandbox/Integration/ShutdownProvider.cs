using System.Buffers.Binary;
using System.Text;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Services.Protocol;

namespace GuestOS.Sandbox.Integration;

/// <summary>The host's shutdown request: off, restart or hibernate, forced or not.</summary>
public sealed class ShutdownProvider : IntegrationProvider
{
    private const int TextSize = 2048;

    /// <summary>Planned (reason code of Windows).</summary>
    private const uint Planned = 0x8000_0000;

    /// <param name="options">What the host is like.</param>
    public ShutdownProvider(IntegrationOptions? options = null)
        : base(
            IcMessageType.Shutdown,
            ClassIds.Shutdown,
            new("b6650ff7-33bc-4840-8048-e0676786f393"),
            [new(1, 0), new(3, 0), new(3, 1), new(3, 2)],
            options)
    {
    }

    /// <summary>Asks the guest to go. The call's status is what the guest answers before it goes.</summary>
    /// <param name="flags">What is asked for; any bits, for a hostile host.</param>
    /// <param name="timeout">How long the host says that it waits.</param>
    /// <param name="text">For people in the guest; cut at 1023 characters.</param>
    /// <param name="withText">False leaves the text away altogether, as no known host does.</param>
    public IntegrationCall Shutdown(ShutdownFlags flags, TimeSpan timeout = default, string text = "", bool withText = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        var body = new byte[12 + (withText ? TextSize : 0)];
        BinaryPrimitives.WriteUInt32LittleEndian(body, Planned);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(4), (uint)timeout.TotalSeconds);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(8), (uint)flags);
        if (withText)
            Encoding.Unicode.GetBytes(text.AsSpan(0, Math.Min(text.Length, (TextSize / 2) - 1)), body.AsSpan(12));
        return Request(body);
    }

    private protected override byte[] Sample() => new byte[12 + TextSize];
}
