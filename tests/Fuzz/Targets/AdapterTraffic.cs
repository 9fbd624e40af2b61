using GuestOS.Machine.Network;

namespace GuestOS.Fuzz.Targets;

/// <summary>What the targets of network drivers do with an adapter.</summary>
internal static class AdapterTraffic
{
    private const int EthernetHeader = 14;
    private const int LongestError = 1000;
    private static readonly MacAddress s_peer = new(0x0200_0000_0099);

    /// <summary>Sends a frame of so many bytes, or of as many as the adapter takes: a host may allow as little as an MTU of 68.</summary>
    public static async Task SendAsync(INetworkDevice adapter, int length)
    {
        if (!adapter.TryRent(out var frame))
            return;
        frame.Length = Math.Min(length, Math.Min(frame.Capacity, adapter.Mtu + EthernetHeader));
        frame.Data.Fill(0xA5);
        s_peer.Write(frame.Data);
        adapter.Address.Write(frame.Data[6..]);
        var result = await adapter.SendAsync(frame).ConfigureAwait(false);
        if (!result.IsSuccess && result.Error.ToString().Length >= LongestError)
            throw new FuzzException("a long error");
    }

    /// <summary>Holds the adapter and lets it go on.</summary>
    public static async Task PauseAsync(INetworkDevice adapter)
    {
        await adapter.QuiesceAsync().ConfigureAwait(false);
        await adapter.ResumeAsync().ConfigureAwait(false);
    }

    /// <summary>Takes all frames that are there, copies them and gives them back.</summary>
    public static List<byte[]> Take(INetworkDevice adapter, int longest)
    {
        var all = new List<byte[]>();
        var batch = new Frame[16];
        while (true)
        {
            using var stop = new CancellationTokenSource();
            var wait = adapter.ReceiveAsync(batch, stop.Token).AsTask();
            stop.Cancel();
            if (wait.IsCanceled)
                return all;
            if (!wait.IsCompletedSuccessfully)
                throw new FuzzException("a cancelled wait goes on");
            if (wait.Result == 0)
                return all;
            foreach (var frame in batch.AsSpan(0, wait.Result))
            {
                if (frame.Length < EthernetHeader || frame.Length > longest)
                    throw new FuzzException($"a frame of {frame.Length} bytes");
                all.Add(frame.Data.ToArray());
                frame.Release();
            }
        }
    }
}
