using GuestOS.Kernel;

// The kernel is started before this by the module initialiser that boot/GuestImage.targets adds to every image.
await GuestKernel.RunAsync().ConfigureAwait(false);
