using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Sandbox.Partition;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Hypervisor;

public sealed class DetectionTests
{
    [Fact]
    public void Hyper_V()
    {
        using var machine = new TestPartition();
        var info = machine.Info;
        Assert.Equal(HypervisorKind.HyperV, info.Kind);
        Assert.Equal("Microsoft Hv", info.Vendor);
        Assert.Equal((20348u, 10, 0), (info.Build, info.Major, info.Minor));
        Assert.Null(info.WhyNoVmBus());
        Assert.False(info.UsesAutoEoi);
        Assert.Equal(64u, info.MostProcessors);
    }

    [Fact]
    public void Nothing_below()
    {
        using var machine = new TestPartition(new PartitionOptions { IsHypervisorPresent = false });
        Assert.Equal(new HypervisorInfo(), machine.Info);
        Assert.Equal("there is no hypervisor", machine.Info.WhyNoVmBus());
    }

    [Theory]
    [InlineData("KVMKVMKVM", 0x40000001u, false)]
    [InlineData("KVMKVMKVM", 0u, false)]
    [InlineData("VMwareVMware", 0x40000010u, false)]
    [InlineData("Microsoft Hv", 0x40000004u, true)]
    [InlineData("Microsoft Hv", 0x50000000u, true)]
    [InlineData("Microsoft Hv", 0xFFFFFFFFu, true)]
    public void Other_hypervisors_and_impossible_limits(string vendor, uint highest, bool isHyperV)
    {
        using var machine = new TestPartition(new PartitionOptions { Vendor = vendor, HighestLeaf = highest, IsHyperV = isHyperV });
        var info = machine.Info;
        Assert.Equal(HypervisorKind.Other, info.Kind);
        Assert.Equal(PartitionPrivileges.None, info.Privileges);
        Assert.NotNull(info.WhyNoVmBus());
    }

    [Fact]
    public void Another_vendor_with_the_interface_is_Hyper_V_and_leaves_above_the_highest_are_not_believed()
    {
        using var machine = new TestPartition(new PartitionOptions { Vendor = "Linux KVM Hv", HighestLeaf = 0x40000005 });
        Assert.Equal(HypervisorKind.HyperV, machine.Info.Kind);
        Assert.Equal(0, machine.Info.Isolation);
    }

    [Theory]
    [InlineData(PartitionPrivileges.Hypercall)]
    [InlineData(PartitionPrivileges.SynIc)]
    [InlineData(PartitionPrivileges.VpIndex)]
    [InlineData(PartitionPrivileges.PostMessages)]
    [InlineData(PartitionPrivileges.SignalEvents)]
    public void Each_missing_privilege_is_named(PartitionPrivileges missing)
    {
        using var machine = new TestPartition(new PartitionOptions { Privileges = new PartitionOptions().Privileges & ~missing });
        Assert.Contains(missing.ToString(), machine.Info.WhyNoVmBus(), StringComparison.Ordinal);
    }
}
