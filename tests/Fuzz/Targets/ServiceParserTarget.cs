using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Machine;
using GuestOS.Services.Frame;
using GuestOS.Services.Heartbeat;
using GuestOS.Services.KeyValue;
using GuestOS.Services.Protocol;
using GuestOS.Services.Shutdown;
using GuestOS.Services.TimeSync;
using GuestOS.Testing;
using GuestOS.Testing.Guests;
using static GuestOS.Fuzz.Targets.Patches;

namespace GuestOS.Fuzz.Targets;

/// <summary>
/// The frame of the integration components and what each service reads of a body, at every version. Messages are long and mostly zero, so an
/// input is a service, a version, a length, and runs of bytes with their places, over a sound header.
/// </summary>
public sealed class ServiceParserTarget : FuzzTarget
{
    private const int Largest = 16384 - 16;
    private const int MostRuns = 8;

    /// <inheritdoc/>
    public override string Name => "services-parsers";

    /// <inheritdoc/>
    public override int TestCount => 5000;

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        var decisions = new Decisions(input);
        var clock = new ManualTimeProvider();
        var wall = new FakeWallClock(clock);
        var log = new ListLog();
        var keys = new KeyValueService(ServiceTarget.Facts);
        keys.Guest.Set("a", "b");
        keys.Adapters.Set(new AdapterSettings { Id = "00:15:5d:00:00:01", Addresses = [System.Net.IPAddress.Loopback], PrefixLengths = [8] });
        keys.Adapters.Applying = settings => settings.Addresses.Count == settings.PrefixLengths.Count;
        IntegrationService service = (decisions.Next() % 4) switch
        {
            0 => new HeartbeatService(),
            1 => new ShutdownService(new FakePower(), new NoExecutor(), clock, log),
            2 => new TimeSyncService(wall, log),
            _ => keys,
        };
        var frame = new IcFrame(service);
        Negotiate(frame, service.Versions[decisions.Next() % service.Versions.Length]);
        Require(frame.Version is not null, "a version that is spoken is refused");

        // The second message finds what the first one left.
        for (var i = 0; i < 2; i++)
        {
            var message = MessageOf(decisions, service.Type);
            var length = message.Length;
            var outcome = frame.Process(message, static () => new IcDeferral(static (_, _) => { }));
            if (outcome is IcFrameOutcome.Answer or IcFrameOutcome.Negotiated)
                Require(message.Length == length && (MemoryMarshal.Read<IcHeader>(message).Flags & IcFlags.Response) != 0, "an answer that is none");
        }

        Require(wall.Offset.Duration() < TimeSpan.FromDays(365 * 600), $"the clock was moved by {wall.Offset}");
        Require(log.Lines.All(line => line.Level != LogLevel.Error && line.Text.Length < 5000), "a bad line in the log");
        Require(keys.External.Count + keys.HostFacts.Count <= 2, "more keys than messages");
    }

    /// <inheritdoc/>
    protected override IEnumerable<byte[]> OwnSeeds()
    {
        foreach (var (service, size) in ((byte, int)[])[(0, 8), (0, 40), (1, 12), (1, 2060), (2, 25), (2, 22), (3, 2), (3, 2576), (3, 7428)])
        {
            for (byte version = 0; version < 4; version++)
                yield return [service, version, .. Length(28 + size)];
        }

        // A power-off, a time, keys by every operation and pool, settings of an adapter.
        yield return [1, 2, .. Length(2088), .. At(32, 30, 0, 0, 0, 1), .. At(40, 0x68, 0, 0x69)];
        yield return [2, 1, .. Length(50), .. At(28, 0x80, 0xC0, 0xD1, 0x2A, 0x7B, 0x1E, 0xDA, 1), .. At(48, 1)];
        yield return [2, 3, .. Length(50), .. At(28, 0x80, 0xC0, 0xD1, 0x2A, 0x7B, 0x1E, 0xDA, 1), .. At(44, 1, 0, 2)];
        for (byte operation = 0; operation < 4; operation++)
        {
            for (byte pool = 0; pool < 4; pool++)
                yield return [3, 2, .. Length(2604), .. At(28, operation, pool, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 4), .. At(44, 0x61), .. At(556, 0x62)];
        }

        yield return [3, 2, .. Length(7456), .. At(28, 4), .. Text(30, "00:15:5d:00:00:01")];
        yield return
        [
            3, 2, .. Length(7456), .. At(28, 5), .. Text(30, "00:15:5d:00:00:01"), .. Text(288, "10.0.0.2;fe80::1"), .. Text(2336, "255.0.0.0;/64"),
            .. Text(4384, "10.0.0.1"), .. Text(5408, "10.0.0.1"),
        ];

        // Negotiations: one of each, none, more than there are.
        yield return [0, 0, .. Length(44), .. At(12, 0, 0), .. At(28, 1, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 3)];
        yield return [0, 0, .. Length(36), .. At(12, 0, 0)];
        yield return [0, 0, .. Length(60), .. At(12, 0, 0), .. At(28, 255, 255, 255, 255)];
    }

    private static byte[] Length(int length) => [(byte)(length >> 8), (byte)length];

    private static byte[] Text(int place, string text) => At(place, [.. System.Text.Encoding.Unicode.GetBytes(text)]);

    private static void Negotiate(IcFrame frame, IcVersion version)
    {
        var body = new byte[IcNegotiation.Size + 8];
        body[0] = body[2] = 1;
        MemoryMarshal.Write(body.AsSpan(8), IcVersion.Framework3);
        MemoryMarshal.Write(body.AsSpan(12), version);
        var message = NewMessage(IcHeader.Size + body.Length, IcMessageType.Negotiate);
        body.CopyTo(message, IcHeader.Size);
        frame.Process(message, static () => throw new FuzzException("a negotiation is deferred"));
    }

    private static byte[] NewMessage(int length, IcMessageType type)
    {
        var message = new byte[length];
        if (length < IcHeader.Size)
            return message;
        var header = new IcHeader
        {
            PipeType = IcHeader.PipeData,
            PipeSize = (uint)(length - IcHeader.PipeHeaderSize),
            Type = type,
            BodySize = (ushort)(length - IcHeader.Size),
            Flags = IcFlags.Transaction | IcFlags.Request,
        };
        MemoryMarshal.Write(message, in header);
        return message;
    }

    private static byte[] MessageOf(Decisions decisions, IcMessageType type)
    {
        var message = NewMessage(decisions.Next(Largest + 1), type);
        Patches.Apply(decisions, message, MostRuns);
        return message;
    }

    private sealed class NoExecutor : GuestOS.Machine.Processors.IExecutor
    {
        public void Post(IThreadPoolWorkItem item)
        {
        }
    }
}
