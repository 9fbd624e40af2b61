using System.Globalization;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>
/// Options of the driver on the kernel's command line:
/// <c>netvsc.mtu=9000</c> asks for larger frames (68 to 9202; 1500 by default); <c>netvsc.queues=4</c> limits channels (one for each
/// processor, up to 8, by default); <c>netvsc.receive=4096</c> and <c>netvsc.send=1024</c> are the KiB of the buffers that are shared with the
/// host; <c>netvsc.copy=0</c> copies no frames of more bytes into the send buffer, but lets the host read them where they are;
/// <c>netvsc.inline=1</c> lets code that waits for frames go on in the channel's thread: fewer thread switches, for code that never blocks.
/// </summary>
internal sealed class NetvscOptions
{
    /// <summary>Bytes of the Ethernet header.</summary>
    public const int HeaderSize = 14;

    /// <summary>Largest frame in NDIS_CONFIG that hosts take as it is.</summary>
    private const int LargestFrame = 9216;

    public NetvscOptions(DriverContext context)
    {
        Mtu = Number(context, "mtu", 1500, 68, LargestFrame - HeaderSize);
        Queues = Number(context, "queues", 8, 1, 64);
        ReceiveBytes = Number(context, "receive", 2048, 64, 31 * 1024) * 1024;
        SendBytes = Number(context, "send", 1024, 64, 15 * 1024) * 1024;
        CopyLimit = Number(context, "copy", 64 * 1024, 0, 64 * 1024);
        ContinueInline = Number(context, "inline", 0, 0, 1) != 0;
        foreach (var (name, value) in context.Options)
        {
            if (name is not ("mtu" or "queues" or "receive" or "send" or "copy" or "inline"))
                context.Log.Warning(string.Create(CultureInfo.InvariantCulture, $"unknown option netvsc.{name}={value}"));
        }
    }

    /// <summary>Most bytes after the header that are asked for.</summary>
    public int Mtu { get; }

    /// <summary>Channels at most.</summary>
    public int Queues { get; }

    /// <summary>Bytes of the receive buffer.</summary>
    public int ReceiveBytes { get; }

    /// <summary>Bytes of the send buffer.</summary>
    public int SendBytes { get; }

    /// <summary>Largest frame that is copied into the send buffer.</summary>
    public int CopyLimit { get; }

    /// <summary>Waiting code goes on in the channel's thread.</summary>
    public bool ContinueInline { get; }

    private static int Number(DriverContext context, string name, int usual, int least, int most)
    {
        if (!context.Options.TryGetValue(name, out var text))
            return usual;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return value;
        context.Log.Warning(string.Create(CultureInfo.InvariantCulture, $"option netvsc.{name}={text}: it takes {least} to {most}; {usual} is used"));
        return usual;
    }
}
