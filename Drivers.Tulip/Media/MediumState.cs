using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Tulip;

/// <summary>What a look at a medium gave.</summary>
/// <param name="Link">The link.</param>
/// <param name="ModeBits">CSR6 bits of <see cref="OperationMode.MediumBits"/> that go with it.</param>
internal readonly record struct MediumState(LinkStatus Link, uint ModeBits);
