using System.Globalization;
using GuestOS.Machine;

namespace GuestOS.Kernel.Drivers;

/// <summary>Who owns which registers, and the machine's memory. Nothing belongs to two drivers.</summary>
internal sealed class ResourceLedger
{
    private readonly List<Claim> _claims = [];
    private readonly Lock _lock = new();
    private object? _memoryOwner;
    private string _memoryOwnerName = "";

    /// <summary>Claims a range; false, with the present owner, when any of it is taken.</summary>
    public bool TryClaim(RegisterSpace space, ulong first, ulong length, object owner, string ownerName, out string error)
    {
        error = "";
        if (length == 0 || first + (length - 1) < first)
        {
            error = string.Create(CultureInfo.InvariantCulture, $"0x{first:x} with a length of 0x{length:x} is not a range.");
            return false;
        }

        ulong last = first + (length - 1);
        lock (_lock)
        {
            foreach (Claim claim in _claims)
            {
                if (claim.Space == space && first <= claim.Last && last >= claim.First)
                {
                    error = string.Create(
                        CultureInfo.InvariantCulture,
                        $"{space} range 0x{first:x} to 0x{last:x} overlaps 0x{claim.First:x} to 0x{claim.Last:x}, which belongs to {claim.OwnerName}.");
                    return false;
                }
            }

            _claims.Add(new Claim(space, first, last, owner, ownerName));
            return true;
        }
    }

    /// <summary>Claims the machine's memory; false, with the present owner, when it is taken.</summary>
    public bool TryClaimMemory(object owner, string ownerName, out string error)
    {
        lock (_lock)
        {
            error = _memoryOwner is null ? "" : $"the machine's memory belongs to {_memoryOwnerName}.";
            if (_memoryOwner is not null)
                return false;
            _memoryOwner = owner;
            _memoryOwnerName = ownerName;
            return true;
        }
    }

    /// <summary>Frees everything that this owner has claimed.</summary>
    public void Release(object owner)
    {
        lock (_lock)
        {
            _claims.RemoveAll(claim => ReferenceEquals(claim.Owner, owner));
            if (ReferenceEquals(_memoryOwner, owner))
                _memoryOwner = null;
        }
    }

    private readonly record struct Claim(RegisterSpace Space, ulong First, ulong Last, object Owner, string OwnerName);
}
