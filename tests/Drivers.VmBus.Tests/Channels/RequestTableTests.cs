using FsCheck;
using FsCheck.Fluent;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Channels;

/// <summary>Rules R8 and R9 on the table alone: whatever ids the host names, in whatever order.</summary>
public sealed class RequestTableTests
{
    private const int Slots = 4;

    /// <summary>What is done: 0 reserve, 1 complete an id that was given out at some time, 2 give up, 3 complete noise.</summary>
    private static readonly Arbitrary<(int Kind, int Which)[]> Steps = Gen.Choose(0, 3)
        .SelectMany(kind => Gen.Choose(0, 1 << 20).Select(which => (kind, which)))
        .ArrayOf(300)
        .ToArbitrary();

    [Fact]
    public void An_id_is_good_for_one_completion_of_its_own_request() => Prop.ForAll(Steps, steps =>
    {
        var table = new RequestTable(Slots);
        var given = new List<ulong>();
        var outstanding = new Dictionary<ulong, (TestRequest Request, bool IsAbandoned)>();
        foreach (var (kind, which) in steps)
        {
            switch (kind)
            {
                case 0:
                    var request = new TestRequest();
                    Assert.Equal(outstanding.Count < Slots, table.TryReserve(request, out var id));
                    if (!request.IsOutstanding)
                        break;
                    Assert.NotEqual(0UL, id);
                    Assert.DoesNotContain(id, given);
                    given.Add(id);
                    outstanding.Add(id, (request, false));
                    break;
                case 1 when given.Count > 0:
                    Complete(table, outstanding, given[which % given.Count]);
                    break;
                case 2 when outstanding.Count > 0:
                    var (key, (victim, was)) = outstanding.ElementAt(which % outstanding.Count);
                    Assert.Equal(!was, table.TryAbandon(victim));
                    outstanding[key] = (victim, true);
                    break;
                case 3:
                    Complete(table, outstanding, ((ulong)(which % 3) << 32) | (uint)(which % 7));
                    break;
            }

            Assert.Equal((outstanding.Count, outstanding.Count < Slots), (table.Outstanding, table.HasFree));
        }

        var from = 0;
        while (table.TakeAny(ref from, out var wasAbandoned) is { } left)
        {
            var (key, value) = outstanding.Single(one => ReferenceEquals(one.Value.Request, left));
            Assert.Equal(value.IsAbandoned, wasAbandoned);
            Assert.False(left.IsOutstanding);
            outstanding.Remove(key);
        }

        Assert.Empty(outstanding);
    }).QuickCheckThrowOnFailure();

    private static void Complete(RequestTable table, Dictionary<ulong, (TestRequest Request, bool IsAbandoned)> outstanding, ulong id)
    {
        var request = table.Take(id, out var wasAbandoned);
        if (!outstanding.Remove(id, out var expected))
        {
            Assert.Null(request);
            return;
        }

        Assert.Same(expected.Request, request);
        Assert.Equal(expected.IsAbandoned, wasAbandoned);
        Assert.False(request!.IsOutstanding);
        Assert.False(table.TryAbandon(request));
    }
}
