using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Acceptance.Platform;
using Acceptance.Platform.Results;
using Acceptance.Tests.Suite.Requirements;

namespace Acceptance.Tests.Suite.Rules;

/// <summary>House rules that the compiler does not hold.</summary>
public sealed class ArchitectureTests
{
    public static TheoryData<string> Projects => [.. AcceptanceProjects.Names.Select(AcceptanceProjects.AssemblyOf)];

    [Fact]
    public void A_client_shares_no_record_with_the_stand_in_that_it_judges() =>
        TypesUsed("Acceptance.Platform", "Acceptance.StandIns").Select(type => type.Namespace).Distinct()
            .Should().BeSubsetOf(["Acceptance.StandIns.Hosting"], "a mistake that both share would hide");

    [Fact]
    public void A_stand_in_knows_nothing_of_the_clients() => TypesUsed("Acceptance.StandIns", "Acceptance.Platform").Should().BeEmpty();

    [Theory, MemberData(nameof(Projects))]
    public void An_acceptance_test_gets_the_twin_through_its_profile_only(string project) => TypesUsed(project, "Acceptance.StandIns").Should().BeEmpty();

    [Fact]
    public void An_asynchronous_method_of_a_client_ends_in_Async_and_takes_the_token_last()
    {
        var clients = typeof(PlatformFixture).Assembly.GetExportedTypes()
            .Where(type => AcceptanceProjects.Names.Any(system => type.Namespace!.StartsWith($"Acceptance.Platform.{system}.", StringComparison.Ordinal)));
        var methods = clients.SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => IsAsynchronous(method.ReturnType) && method.Name != "DisposeAsync").ToList();

        methods.Should().NotBeEmpty();
        methods.Where(method => !method.Name.EndsWith("Async", StringComparison.Ordinal) || method.GetParameters().LastOrDefault()?.ParameterType != typeof(CancellationToken))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}").Should().BeEmpty();
    }

    [Fact]
    public void Every_exception_of_the_platform_is_sealed() =>
        typeof(PlatformFixture).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Exception)) && !type.IsSealed).Should().BeEmpty();

    [Fact]
    public void The_marker_of_assertions_has_the_name_that_xunit_looks_for() =>
        typeof(IAssertionException).Name.Should().Be(typeof(Xunit.Sdk.IAssertionException).Name);

    private static bool IsAsynchronous(Type type) => typeof(Task).IsAssignableFrom(type) || type == typeof(ValueTask)
        || (type.IsGenericType && type.GetGenericTypeDefinition() is { } open && (open == typeof(ValueTask<>) || open == typeof(IAsyncEnumerable<>)));

    /// <summary>The types of one assembly that another names, as its metadata says.</summary>
    private static List<(string Namespace, string Name)> TypesUsed(string by, string of)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, $"{by}.dll")));
        var metadata = file.GetMetadataReader();
        return [.. metadata.TypeReferences.Select(metadata.GetTypeReference)
            .Where(type => type.ResolutionScope.Kind == HandleKind.AssemblyReference
                && metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name) == of)
            .Select(type => (metadata.GetString(type.Namespace), metadata.GetString(type.Name)))];
    }
}
