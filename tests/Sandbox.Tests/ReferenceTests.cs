using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using GuestOS.Sandbox.VmBus;
using Xunit;

namespace GuestOS.Sandbox.Tests;

public sealed class ReferenceTests
{
    /// <summary>The simulated host must not run on the guest's own code, or a mistake there would hide itself.</summary>
    [Fact]
    public void Of_drivers_and_services_the_sandbox_uses_wire_structs_only()
    {
        using var file = new PEReader(File.OpenRead(typeof(VmBusHost).Assembly.Location));
        var metadata = file.GetMetadataReader();
        var foreign = new List<string>();
        var used = 0;
        foreach (var handle in metadata.TypeReferences)
        {
            var type = metadata.GetTypeReference(handle);
            var space = metadata.GetString(type.Namespace);
            if (!space.StartsWith("GuestOS.Drivers.", StringComparison.Ordinal) && !space.StartsWith("GuestOS.Services", StringComparison.Ordinal))
                continue;
            used++;
            if (!space.Contains(".Protocol", StringComparison.Ordinal))
                foreign.Add($"{space}.{metadata.GetString(type.Name)}");
        }

        Assert.Empty(foreign);
        Assert.InRange(used, 20, 500);
    }
}
