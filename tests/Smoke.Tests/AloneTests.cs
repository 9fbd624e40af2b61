using GuestOS.Boot.Hosts.Lab;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Smoke;

namespace GuestOS.Smoke.Tests;

/// <summary>Scenarios that measure time: nothing runs beside them.</summary>
[Collection(nameof(Alone))]
public sealed class AloneTests(SmokeSession session)
{
    public static TheoryData<string> Names => [.. ScenarioCatalog.All.Where(scenario => scenario.IsAlone).Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Scenario(string name) => session.RunAsync(name);

    [Fact]
    public async Task The_trial_of_a_kvm_is_a_guest_that_runs() =>
        Assert.Null(await KvmTrial.RunAsync(QemuProgram.Installed, QemuAccelerator.Emulation, TestContext.Current.CancellationToken));

    [Fact]
    public async Task The_trial_of_a_program_that_is_no_qemu_says_so()
    {
        var fault = await KvmTrial.RunAsync(new QemuProgram("/bin/false"), QemuAccelerator.Emulation, TestContext.Current.CancellationToken);
        Assert.Contains("QEMU ended at once with status 1", fault, StringComparison.Ordinal);
    }
}
