using System.Buffers.Binary;
using System.Security.Cryptography;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Smoke.Link;

namespace GuestOS.Boot.Smoke.Scenarios;

/// <summary>
/// A network cable between the guest and this program: announcements, echoes, address filters, and numbered frames in both directions with every
/// byte checked at both ends.
/// </summary>
/// <param name="name">Ends the scenario's name.</param>
/// <param name="cpus">Processors.</param>
/// <param name="options">Options of the driver.</param>
internal sealed class LinkScenario(string name, int cpus, string options)
    : Scenario($"link-{name}", $"Frames both ways through the tulip adapter on {cpus} CPU(s){(options.Length == 0 ? "" : $" with {options}")}: none lost, doubled or changed; address filters")
{
    private const string Nic = "tulip0";
    private static readonly byte[] Group = [0x01, 0x00, 0x5E, 0x01, 0x02, 0x03];
    private static readonly byte[] OtherGroup = [0x01, 0x00, 0x5E, 0x0A, 0x0B, 0x0C];
    private static readonly byte[] Foreign = [0x02, 0x47, 0x4F, 0x53, 0x00, 0x99];
    private static readonly int[] EchoSizes = [60, 61, 100, 1023, 1500, 1513, 1514];

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var count = (uint)context.Settings.LinkFrames;
        var seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
        var peer = new LinkPeer(context.File("link.sock"));
        await using (peer.ConfigureAwait(false))
        {
            var capture = context.File("link.pcap");
            context.KeepOnFailure(capture);
            var guest = await context.BootAsync(
                new MachineSpec
                {
                    Name = Name,
                    Boot = await context.Media.GetFastestAsync(cancellationToken).ConfigureAwait(false),
                    Network = new NetworkAdapter(peer.Path) { CapturePath = capture },
                    Cpus = cpus,
                    DebugExit = true,
                    Append = $"{ScenarioContext.Tests($"link:{Nic}")} {options}".TrimEnd(),
                },
                cancellationToken).ConfigureAwait(false);
            var work = TimeSpan.FromSeconds(30) + (TimeSpan.FromMilliseconds(3) * count);
            await context.LimitAsync(limit => TalkAsync(peer, guest, count, seed, limit), "the link test did not end", work, cancellationToken).ConfigureAwait(false);
            await context.EndPassedAsync(guest, TimeSpan.FromSeconds(30), cancellationToken).ConfigureAwait(false);
            CheckEvents(guest, count);
        }
    }

    private static async Task<bool> TalkAsync(LinkPeer peer, IGuest guest, uint count, ulong seed, CancellationToken cancellationToken)
    {
        try
        {
            await peer.AcceptAsync(cancellationToken).ConfigureAwait(false);
            await GreetAsync(peer, cancellationToken).ConfigureAwait(false);
            await EchoAsync(peer, cancellationToken).ConfigureAwait(false);
            await TryFiltersAsync(peer, cancellationToken).ConfigureAwait(false);
            var burst = new LinkBurst(peer, new LinkBurstPlan(count, count), seed);
            var report = await burst.RunAsync(cancellationToken).ConfigureAwait(false);

            // The guest writes its own view down before that is judged.
            await peer.AskAsync(LinkKind.End, LinkProtocol.Shortest, null, cancellationToken).ConfigureAwait(false);
            await guest.Exit.WaitAsync(cancellationToken).ConfigureAwait(false);
            Check(burst, report, count, seed);
            return true;
        }
        catch (IOException e)
        {
            throw new ScenarioFailedException($"the link test broke off: {e.Message}; the machine {(guest.Exit.IsCompleted ? await guest.Exit.ConfigureAwait(false) : "still runs")}");
        }
    }

    /// <summary>The guest announces itself, and answers the announcement of another station with its own.</summary>
    private static async Task GreetAsync(LinkPeer peer, CancellationToken cancellationToken)
    {
        CheckAnnouncement(await peer.NextAnnouncementAsync(cancellationToken).ConfigureAwait(false), peer);
        byte[] own = [.. LinkProtocol.AnnouncementGroup, .. peer.Address, 0x88, 0xCC, 0x02, 0x07, 0x04, .. peer.Address, 0x04, 0x02, 0x05, (byte)'p', 0x06, 0x02, 0x00, 0x78, 0x00, 0x00];
        await peer.SendAsync(own.Concat(new byte[LinkProtocol.Shortest - own.Length]).ToArray(), cancellationToken).ConfigureAwait(false);
        CheckAnnouncement(await peer.NextAnnouncementAsync(cancellationToken).ConfigureAwait(false), peer);
    }

    private static void CheckAnnouncement(byte[] frame, LinkPeer peer)
    {
        ScenarioContext.Check(frame.AsSpan(0, 6).SequenceEqual(LinkProtocol.AnnouncementGroup), "the announcement does not go to the nearest bridge's group");
        ScenarioContext.Check(frame.AsSpan(6, 6).SequenceEqual(peer.Guest), "the announcement does not come from the adapter's address");
        ScenarioContext.Check(frame.AsSpan(14, 3).SequenceEqual<byte>([0x02, 0x07, 0x04]) && frame.AsSpan(17, 6).SequenceEqual(peer.Guest), "the announcement's chassis is not the adapter's address");
        ScenarioContext.Check(frame.AsSpan(25).StartsWith("\x05tulip0"u8), "the announcement's port is not the interface's name");
    }

    private static async Task EchoAsync(LinkPeer peer, CancellationToken cancellationToken)
    {
        foreach (var size in EchoSizes)
        {
            var content = RandomNumberGenerator.GetBytes(size - LinkProtocol.BodyPlace);
            var answer = await peer.AskAsync(LinkKind.EchoRequest, size, frame => content.CopyTo(frame, LinkProtocol.BodyPlace), cancellationToken).ConfigureAwait(false);
            ScenarioContext.CheckEqual(LinkKind.EchoAnswer, LinkProtocol.KindOf(answer), "answer to an echo request");
            ScenarioContext.CheckEqual(size, answer.Length, "length of an echo");
            ScenarioContext.Check(answer.AsSpan(LinkProtocol.BodyPlace).SequenceEqual(content), $"the echo of {size} bytes differs");
            ScenarioContext.Check(answer.AsSpan(0, 6).SequenceEqual(peer.Address) && answer.AsSpan(6, 6).SequenceEqual(peer.Guest), "an echo has wrong addresses");
        }
    }

    /// <summary>Frames that must arrive, and frames that must not.</summary>
    private static async Task TryFiltersAsync(LinkPeer peer, CancellationToken cancellationToken)
    {
        byte[] next = [.. peer.Guest[..5], (byte)(peer.Guest[5] ^ 1)];
        byte[][] places = [peer.Guest, LinkProtocol.Broadcast.ToArray(), Group, OtherGroup, Foreign, next];
        await ExpectAsync("no group", 0, [], [true, true, false, false, false, false]).ConfigureAwait(false);
        await ExpectAsync("one group", 0, [Group], [true, true, true, false, false, false]).ConfigureAwait(false);
        await ExpectAsync("fourteen groups", 0, [.. Many(13), Group], [true, true, true, false, false, false]).ConfigureAwait(false);

        // Beyond fourteen the chip may let more groups through, but never another station's frames.
        await ExpectAsync("forty groups", 0, [.. Many(39), Group], [true, true, true, null, false, false]).ConfigureAwait(false);
        await ExpectAsync("all groups", 1, [], [true, true, true, true, false, false]).ConfigureAwait(false);
        await ExpectAsync("promiscuous", 2, [], [true, true, true, true, true, true]).ConfigureAwait(false);
        await ExpectAsync("no group again", 0, [], [true, true, false, false, false, false]).ConfigureAwait(false);

        async Task ExpectAsync(string filter, byte mode, byte[][] groups, bool?[] arrives)
        {
            var answer = await peer.AskAsync(
                LinkKind.Filter,
                Math.Max(LinkProtocol.Shortest, 20 + (groups.Length * 6)),
                frame =>
                {
                    frame[18] = mode;
                    frame[19] = (byte)groups.Length;
                    for (var i = 0; i < groups.Length; i++)
                        groups[i].CopyTo(frame, 20 + (i * 6));
                },
                cancellationToken).ConfigureAwait(false);
            ScenarioContext.CheckEqual(0, answer[15], $"filter \"{filter}\" set");
            for (var i = 0; i < places.Length; i++)
            {
                var probe = new byte[LinkProtocol.Shortest];
                LinkProtocol.WriteHeader(probe, places[i], peer.Address, LinkKind.Probe, 0);
                BinaryPrimitives.WriteInt32BigEndian(probe.AsSpan(LinkProtocol.BodyPlace), i);
                await peer.SendAsync(probe, cancellationToken).ConfigureAwait(false);
            }

            var seen = await peer.AskAsync(LinkKind.Probes, LinkProtocol.Shortest, null, cancellationToken).ConfigureAwait(false);
            var tokens = Enumerable.Range(0, BinaryPrimitives.ReadUInt16BigEndian(seen.AsSpan(18))).Select(i => (int)LinkProtocol.Read32(seen, 20 + (i * 4))).ToList();
            for (var i = 0; i < places.Length; i++)
            {
                var times = tokens.Count(token => token == i);
                if (arrives[i] is { } expected)
                    ScenarioContext.CheckEqual(expected ? 1 : 0, times, $"filter \"{filter}\": frames received of one to {Convert.ToHexString(places[i])}");
            }
        }
    }

    private static IEnumerable<byte[]> Many(int count) => Enumerable.Range(0, count).Select(i => new byte[] { 0x01, 0x00, 0x5E, 0x40, 0x00, (byte)i });

    private static void Check(LinkBurst burst, byte[] report, uint count, ulong seed)
    {
        ScenarioContext.Check(burst.Fault is null, $"seed {seed}: {burst.Fault}");
        ScenarioContext.CheckEqual(count, burst.Received, $"seed {seed}: frames that came from the guest");
        var (right, wrong, missing, doubled) = (LinkProtocol.Read32(report, 18), LinkProtocol.Read32(report, 22), LinkProtocol.Read32(report, 26), LinkProtocol.Read32(report, 30));
        ScenarioContext.Check(
            right == count && wrong + missing + doubled == 0,
            $"seed {seed}: of {count} frames the guest found {right} right, {wrong} wrong, {missing} missing, {doubled} doubled");
        ScenarioContext.CheckEqual(count, LinkProtocol.Read32(report, 34), $"seed {seed}: frames that the guest sent");
    }

    private static void CheckEvents(IGuest guest, uint count)
    {
        var nics = guest.Events.Of("nic");
        ScenarioContext.Check(nics.Count != 0, "no event nic");
        var nic = nics[0];
        ScenarioContext.CheckEqual(Nic, nic.Text("name"), "name of the interface");
        ScenarioContext.CheckEqual("52:54:00:12:34:56", nic.Text("address"), "hardware address");
        ScenarioContext.CheckEqual("up", nic.Text("link"), "link");
        ScenarioContext.CheckEqual(1500, nic.Number("mtu"), "MTU");
        var device = guest.Events.Of("device").LastOrDefault(e => e.Text("driver") == "tulip" && e.Text("state") == "started");
        ScenarioContext.Check(device is not null, "the tulip driver was not started");
        ScenarioContext.CheckEqual(Nic, device.Text("serves"), "what the adapter serves");
        var link = ScenarioContext.Single(guest, "link");
        ScenarioContext.Check(link.IsOk, $"the guest's end of the link test failed: {link.Text("error")}");
        ScenarioContext.CheckEqual(count, link.Number("sent"), "frames sent");
        ScenarioContext.CheckEqual(count, link.Number("received"), "frames received");
        ScenarioContext.CheckEqual(0, link.Number("dropped"), "frames dropped");
        ScenarioContext.CheckEqual(EchoSizes.Length, link.Number("echoes"), "echoes");
        ScenarioContext.CheckEqual(1, link.Number("announcements"), "announcements");
    }
}
