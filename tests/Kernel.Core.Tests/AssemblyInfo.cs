// The kernel keeps its state in statics: one test at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
