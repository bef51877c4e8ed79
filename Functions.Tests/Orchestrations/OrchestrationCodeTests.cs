using System.Reflection;
using System.Reflection.Emit;
using Backend;
using Backend.Orchestrations;

namespace Functions.Tests.Orchestrations;

/// <summary>
/// Looks through the compiled code of every orchestration for what a replay would do otherwise. An analyzer list bans a
/// symbol in a whole project, in which activities may well use it; this looks at orchestrations alone. Code that they call
/// in other classes is not looked into.
/// </summary>
public sealed class OrchestrationCodeTests
{
    /// <summary>Types of which nothing may be used, and single members.</summary>
    private static readonly HashSet<string> Banned = new(StringComparer.Ordinal)
    {
        "System.Random", "System.Environment", "System.Diagnostics.Stopwatch", "System.TimeProvider", "System.Console",
        "System.IO.File", "System.IO.Directory", "System.Net.Http.HttpClient", "System.Threading.Timer",
        "System.Threading.PeriodicTimer", "System.Threading.Thread", "System.Threading.ThreadPool",
        "System.Threading.Tasks.Parallel", "System.Threading.Tasks.TaskFactory",
        "System.Security.Cryptography.RandomNumberGenerator",
        "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Today",
        "System.DateTimeOffset.get_Now", "System.DateTimeOffset.get_UtcNow",
        "System.Guid.NewGuid", "System.Guid.CreateVersion7",
        "System.Threading.Tasks.Task.Run", "System.Threading.Tasks.Task.Delay", "System.Threading.Tasks.Task.Wait",
        "System.Threading.Tasks.Task.ConfigureAwait", "System.Threading.Tasks.Task`1.ConfigureAwait",
        "System.Threading.Tasks.Task`1.get_Result",
    };

    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(static field => field.GetValue(null)).OfType<OpCode>()
        .ToDictionary(static code => code.Value);

    public static TheoryData<Type> Orchestrations() =>
    [
        .. new[] { typeof(BackendApplication), typeof(CrashHost.Journey), typeof(ParallelWork), typeof(App.AppServices) }
            .SelectMany(static known => known.Assembly.GetTypes())
            .Where(static type => type != typeof(Unruly) && type.GetInterfaces().Any(IsOrchestration)).Distinct(),
    ];

    [Theory]
    [MemberData(nameof(Orchestrations))]
    public void An_orchestration_uses_only_what_every_replay_does_alike(Type orchestration) =>
        Assert.Empty(FindBanned(orchestration));

    [Fact]
    public void What_is_banned_is_found_in_async_code_and_in_lambdas() => Assert.Equal(
        ["System.Guid.NewGuid", "System.Random.Next", "System.Random.get_Shared", "System.Threading.Tasks.Task.Delay"],
        FindBanned(typeof(Unruly)).Distinct().Order(StringComparer.Ordinal));

    private static bool IsOrchestration(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IOrchestration<,>);

    /// <summary>In the type and in those that the compiler makes of its async methods and lambdas.</summary>
    private static IEnumerable<string> FindBanned(Type type)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static
            | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        var own = type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)).SelectMany(Calls)
            .Where(static called => Banned.Contains(TypeOf(called)) || Banned.Contains($"{TypeOf(called)}.{called.Name}"))
            .Select(static called => $"{TypeOf(called)}.{called.Name}");
        return own.Concat(type.GetNestedTypes(All).SelectMany(FindBanned));
    }

    private static string TypeOf(MethodBase called)
    {
        var type = called.DeclaringType;
        return (type is { IsGenericType: true } ? type.GetGenericTypeDefinition() : type)?.FullName ?? "";
    }

    private static IEnumerable<MethodBase> Calls(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var at = 0; at < code.Length;)
        {
            var isLong = code[at] == 0xFE;
            var operation = Codes[isLong ? (short)(0xFE00 | code[at + 1]) : code[at]];
            at += isLong ? 2 : 1;
            if (operation.OperandType is OperandType.InlineMethod
                && method.Module.ResolveMethod(
                    BitConverter.ToInt32(code, at),
                    method.DeclaringType?.GetGenericArguments(),
                    method.IsGenericMethod ? method.GetGenericArguments() : null) is { } called)
            {
                yield return called;
            }

            at += SizeOf(operation.OperandType, code, at);
        }
    }

    private static int SizeOf(OperandType operand, byte[] code, int at) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
        _ => 4,
    };

    /// <summary>Everything that it should not.</summary>
    internal sealed class Unruly : IOrchestration<int, int>
    {
        public static OrchestrationDefinition<int, int> Definition { get; } =
            new("Unruly", SamplesJsonContext.Default.Int32, SamplesJsonContext.Default.Int32);

        public async Task<int> RunAsync(OrchestrationContext context, int input)
        {
            await Task.Delay(1);
            Func<int> roll = () => Random.Shared.Next(6);
            return roll() + Guid.NewGuid().GetHashCode();
        }
    }
}
