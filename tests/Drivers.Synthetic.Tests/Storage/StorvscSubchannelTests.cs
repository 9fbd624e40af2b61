using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Sandbox.Storage;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>Hosts that promise subchannels and give none.</summary>
public sealed class StorvscSubchannelTests
{
    public static TheoryData<string> Refusals => ["refused", "another operation", "cut short", "not answered"];

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Without_the_subchannels_that_the_host_does_not_grant_one_channel_serves_all_processors(string refusal)
    {
        using var fixture = StorageFixture.Scsi(processors: 4, prepare: provider => provider.Faults.EditAnswer = (operation, answer) => operation switch
        {
            StorageOperation.QueryProperties => Promise(answer, 3),
            StorageOperation.CreateSubchannels => Edit(answer, refusal),
            _ => answer,
        });
        var machine = fixture.Machine;
        Assert.Empty(machine.Failures);
        Assert.Equal((3, 1), (machine.Controller.Limits!.MostSubchannels, machine.Controller.Adapter.QueueCount));
        Assert.Contains(machine.Log.Lines, line => line.Text.Contains("the host grants none of 3 subchannels; one channel serves all", StringComparison.Ordinal));
        for (var processor = 0; processor < 4; processor++)
        {
            var data = new byte[512];
            var read = Task.CompletedTask;
            var block = (ulong)processor;
            machine.Partition.Platform.Processors.Run(processor, () => read = fixture.Disk.ReadAsync(block, data).AsTask());
            machine.Run(read);
            Assert.Equal(fixture.Content(block, 512), data);
        }

        Assert.Equal([0], fixture.Provider.CommandsByChannel.Keys);
        machine.DetachAll();
        machine.AssertClean();
    }

    private static byte[] Promise(byte[] answer, ushort channels)
    {
        var properties = MemoryMarshal.Read<PropertiesPacket>(answer);
        properties.MaxChannels = channels;
        properties.Flags |= PropertyFlags.MultiChannel;
        MemoryMarshal.Write(answer, properties);
        return answer;
    }

    /// <summary>The host refuses on its own, since it has none.</summary>
    private static byte[]? Edit(byte[] answer, string refusal)
    {
        Assert.Equal(NtStatus.InvalidParameter, MemoryMarshal.Read<StorageHeader>(answer).Status);
        switch (refusal)
        {
            case "another operation":
                MemoryMarshal.Write(answer, new StorageHeader { Operation = StorageOperation.CreateSubchannels });
                return answer;
            case "cut short":
                return [];
            case "not answered":
                return null;
            default:
                return answer;
        }
    }
}
