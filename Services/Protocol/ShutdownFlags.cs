namespace GuestOS.Services.Protocol;

/// <summary>What a shutdown request asks for; without <see cref="Restart"/> and <see cref="Hibernate"/> the machine is to power off.</summary>
[Flags]
public enum ShutdownFlags : uint
{
    /// <summary>Power off, and whoever objects is heard.</summary>
    None = 0,

    /// <summary>Whoever objects is not heard.</summary>
    Force = 1,

    /// <summary>Restart.</summary>
    Restart = 2,

    /// <summary>Hibernate.</summary>
    Hibernate = 4,
}
