using GuestOS.Machine.Network;

namespace GuestOS.Fuzz.Targets;

/// <summary>What an adapter has received.</summary>
internal static class Received
{
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
                if (frame.Length < 14 || frame.Length > longest)
                    throw new FuzzException($"a frame of {frame.Length} bytes");
                all.Add(frame.Data.ToArray());
                frame.Release();
            }
        }
    }
}
