using System.Runtime.InteropServices;

namespace Togglr.Store;

/// <summary>The few calls of the operating system that the base library lacks.</summary>
internal static partial class Posix
{
    internal const int Interrupt = 2;
    internal const int Quit = 3;
    internal const int Kill = 9;

    /// <summary>Sends a signal; 0 only asks whether the process exists. Never to process groups, which is what numbers below 1 mean.</summary>
    internal static bool Signal(int process, int signal) => process > 1 && kill(process, signal) == 0;

    /// <summary>Gives a file or directory to another user; as root only.</summary>
    internal static void ChangeOwner(string path, uint user, uint group)
    {
        if (chown(path, user, group) != 0)
            throw new StoreStartException($"{path} cannot be given to the user {user}: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int process, int signal);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chown(string path, uint user, uint group);
}
