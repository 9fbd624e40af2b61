using GuestOS.Kernel.Hardware;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine;

namespace GuestOS.Kernel.Tests.Hardware;

public sealed class KernelHypercallTests
{
    private const ulong MemoryEnd = 0x1000_0000;

    private readonly FakeHypercallEntry _entry = new(MemoryEnd);

    [Fact]
    public void Calls_go_through_the_page_from_its_installation_to_its_removal()
    {
        var hypercall = new KernelHypercall(_entry);
        Assert.False(hypercall.IsInstalled);
        Assert.Throws<InvalidOperationException>(() => hypercall.Call(1, 2, 3));
        hypercall.Install(new PhysicalAddress(0x5000));
        Assert.True(hypercall.IsInstalled);
        Assert.Equal(1UL, hypercall.Call(1, 2, 3));
        Assert.Equal([(0x5000UL, 1UL, 2UL, 3UL)], _entry.Calls);
        hypercall.Uninstall();
        Assert.False(hypercall.IsInstalled);
        Assert.Empty(_entry.Executable);
        Assert.Throws<InvalidOperationException>(() => hypercall.Call(1, 2, 3));
        hypercall.Uninstall();
        Assert.Single(_entry.Calls);
    }

    [Fact]
    public void A_page_outside_of_the_machine_s_memory_is_refused_with_its_address_and_nothing_is_installed()
    {
        var hypercall = new KernelHypercall(_entry);
        var failure = Assert.Throws<ArgumentException>(() => hypercall.Install(new PhysicalAddress(MemoryEnd)));
        Assert.Equal("page", failure.ParamName);
        Assert.Contains(new PhysicalAddress(MemoryEnd).ToString(), failure.Message, StringComparison.Ordinal);
        Assert.IsType<KernelCallException>(failure.InnerException);
        Assert.False(hypercall.IsInstalled);
        Assert.Throws<InvalidOperationException>(() => hypercall.Call(1, 2, 3));
        hypercall.Uninstall();
        Assert.Empty(_entry.Executable);
    }

    [Fact]
    public void A_refused_page_leaves_the_one_that_is_installed()
    {
        var hypercall = new KernelHypercall(_entry);
        hypercall.Install(new PhysicalAddress(0x5000));
        Assert.Throws<ArgumentException>(() => hypercall.Install(new PhysicalAddress(MemoryEnd)));
        hypercall.Call(7, 0, 0);
        Assert.Equal(0x5000UL, Assert.Single(_entry.Calls).Page);
    }

    [Fact]
    public void The_low_level_kernel_s_own_page_stays_executable()
    {
        _entry.Executable.Add(0x7000);
        var hypercall = new KernelHypercall(_entry);
        hypercall.Install(new PhysicalAddress(0x7000));
        hypercall.Uninstall();
        Assert.Equal([0x7000UL], _entry.Executable);
    }
}
