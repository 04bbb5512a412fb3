using Xunit.Sdk;
using Xunit.v3;

[assembly: Xunit.TestCaseOrderer(typeof(Togglr.Tests.ByName))]
[assembly: Xunit.TestCollectionOrderer(typeof(Togglr.Tests.ByName))]

namespace Togglr.Tests;

/// <summary>
/// Tests run in the order of their names. Without this the order of collections is random and that of a class's tests depends on where the clone lies,
/// so that a test that needs another one to have run before it fails only in somebody else's clone. Collections that share something (the long ones) begin first.
/// </summary>
internal sealed class ByName : ITestCaseOrderer, ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCase> OrderTestCases<TTestCase>(IReadOnlyCollection<TTestCase> testCases)
        where TTestCase : notnull, ITestCase =>
        [.. testCases.OrderBy(test => test.TestCaseDisplayName, StringComparer.Ordinal)];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => collection.TestCollectionClassName is null).ThenBy(collection => collection.TestCollectionDisplayName, StringComparer.Ordinal)];
}
