namespace GuestOS.Drivers.VmBus.Protocol;

/// <summary>Class ids of the devices that Hyper-V offers (bytes 8 to 23 of an offer; Linux include/linux/hyperv.h).</summary>
public static class ClassIds
{
    /// <summary>SCSI controller.</summary>
    public static Guid Scsi { get; } = new("ba6163d9-04a1-4d29-b605-72e2ffb1dc7f");

    /// <summary>IDE accelerator.</summary>
    public static Guid Ide { get; } = new("32412632-86cb-44a2-9b5c-50d1417354f5");

    /// <summary>Fibre Channel.</summary>
    public static Guid FibreChannel { get; } = new("2f9bcc4a-0069-4af3-b76b-6fd0be528cda");

    /// <summary>Network adapter.</summary>
    public static Guid Network { get; } = new("f8615163-df3e-46c5-913f-f2d2f965ed0e");

    /// <summary>Dynamic memory.</summary>
    public static Guid DynamicMemory { get; } = new("525074dc-8985-46e2-8057-a307dc18a502");

    /// <summary>Data exchange.</summary>
    public static Guid KeyValue { get; } = new("a9a0f4e7-5a45-4d96-b827-8a841e8c03e6");

    /// <summary>Heartbeat.</summary>
    public static Guid Heartbeat { get; } = new("57164f39-9115-4e78-ab55-382f3bd5422d");

    /// <summary>Shutdown.</summary>
    public static Guid Shutdown { get; } = new("0e0b6031-5213-4934-818b-38d90ced39db");

    /// <summary>Time synchronisation.</summary>
    public static Guid TimeSync { get; } = new("9527e630-d0ae-497b-adce-e80ab0175caf");

    /// <summary>Volume shadow copy.</summary>
    public static Guid Backup { get; } = new("35fa2e29-ea23-4236-96ae-3a6ebacba440");

    /// <summary>File copy.</summary>
    public static Guid FileCopy { get; } = new("34d14be3-dee4-41c8-9ae7-6b174977c192");

    /// <summary>Keyboard.</summary>
    public static Guid Keyboard { get; } = new("f912ad6d-2b17-48ea-bd65-f927a61c7684");

    /// <summary>Mouse.</summary>
    public static Guid Mouse { get; } = new("cfa8b69e-5b4a-4cc0-b98b-8ba1a1f3f95a");

    /// <summary>Video.</summary>
    public static Guid Video { get; } = new("da0a7802-e377-4aac-8e77-0558eb1073f8");

    /// <summary>PCI pass-through.</summary>
    public static Guid Pci { get; } = new("44c4f61d-4444-4400-9d52-802e27ede19f");

    /// <summary>Network direct.</summary>
    public static Guid NetworkDirect { get; } = new("8c2eaf3d-32a7-4b09-ab99-bd1f1c86b501");

    /// <summary>Automatic VM activation, first channel.</summary>
    public static Guid Activation1 { get; } = new("f8e65716-3cb3-4a06-9a60-1889c5cccab5");

    /// <summary>Automatic VM activation, second channel.</summary>
    public static Guid Activation2 { get; } = new("3375baf4-9e15-4b30-b765-67acb10d607b");

    /// <summary>Remote desktop control.</summary>
    public static Guid RemoteDesktop { get; } = new("276aacf4-ac15-426c-98dd-7521ad3f01fe");

    /// <summary>Initial machine configuration.</summary>
    public static Guid InitialConfiguration { get; } = new("c376c1c3-d276-48d2-90a9-c04748072c60");

    /// <summary>A name for people; null for a class that is not known.</summary>
    public static string? NameOf(Guid id) => Names.GetValueOrDefault(id);

    private static readonly Dictionary<Guid, string> Names = new()
    {
        [Scsi] = "SCSI controller",
        [Ide] = "IDE accelerator",
        [FibreChannel] = "Fibre Channel",
        [Network] = "network adapter",
        [DynamicMemory] = "dynamic memory",
        [KeyValue] = "data exchange",
        [Heartbeat] = "heartbeat",
        [Shutdown] = "shutdown",
        [TimeSync] = "time synchronisation",
        [Backup] = "backup",
        [FileCopy] = "file copy",
        [Keyboard] = "keyboard",
        [Mouse] = "mouse",
        [Video] = "video",
        [Pci] = "PCI pass-through",
        [NetworkDirect] = "network direct",
        [Activation1] = "VM activation 1",
        [Activation2] = "VM activation 2",
        [RemoteDesktop] = "remote desktop control",
        [InitialConfiguration] = "initial machine configuration",
    };
}
