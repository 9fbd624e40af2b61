using System.Reflection;
using GuestOS.Sandbox.Integration;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace GuestOS.Services.Tests.Bus;

/// <summary>Every fault for every service.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CombinatorialFaultsAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker)
    {
        List<ITheoryDataRow> rows = [];
        for (var service = 1; service <= 4; service++)
            foreach (var fault in Enum.GetValues<IntegrationFault>())
                rows.Add(new TheoryDataRow<int, IntegrationFault>(service, fault));
        return ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>(rows);
    }

    public override bool SupportsDiscoveryEnumeration() => true;
}
