using System.Runtime.InteropServices;

namespace Togglr.ControlPlane.Directories;

/// <summary>
/// What must be told to OpenLDAP's library for the whole process because the framework has no setting for it: that certificates are demanded whatever the machine's <c>ldap.conf</c> or the
/// environment say, and that no call waits for ever.
/// </summary>
internal static class LdapLibrary
{
    private const int NetworkTimeout = 0x5005;
    private const int CallTimeout = 0x5002;
    private const int RequireCertificate = 0x6006;
    private const int Demand = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>In the order in which the framework looks for it.</summary>
    private static readonly string[] Names = ["libldap.so.2", "libldap-2.6.so.0", "libldap-2.5.so.0", "libldap-2.4.so.2"];

    private static readonly Lazy<bool> Prepared = new(Prepare);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int SetTime(nint connection, int option, in TimeValue value);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int SetNumber(nint connection, int option, in int value);

    /// <summary>Whether the library is there. Other systems than Linux bring their own.</summary>
    public static bool IsThere => Prepared.Value;

    private static bool Prepare()
    {
        if (!OperatingSystem.IsLinux())
            return true;
        foreach (var name in Names)
        {
            if (!NativeLibrary.TryLoad(name, out var library) || !NativeLibrary.TryGetExport(library, "ldap_set_option", out var set))
                continue;
            var patience = new TimeValue((nint)Patience.TotalSeconds, 0);
            var setTime = Marshal.GetDelegateForFunctionPointer<SetTime>(set);
            var told = setTime(0, NetworkTimeout, patience) == 0 && setTime(0, CallTimeout, patience) == 0;
            return Marshal.GetDelegateForFunctionPointer<SetNumber>(set)(0, RequireCertificate, Demand) == 0 && told;
        }
        return false;
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeValue(nint Seconds, nint Microseconds);
}
