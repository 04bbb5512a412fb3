using System.Net;
using Togglr.Hosting.Security;

namespace Togglr.UnitTests.Hosting;

public sealed class NetworkAddressesTests
{
    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("100.63.0.1")]
    [InlineData("172.32.0.1")]
    [InlineData("192.0.3.1")]
    [InlineData("193.168.0.1")]
    [InlineData("2606:4700::1111")]
    [InlineData("2001:4860:4860::8888")]
    public void Public_addresses_are_neither_private_nor_forbidden(string address) =>
        Assert.Equal((false, false), (NetworkAddresses.IsPrivate(IPAddress.Parse(address)), NetworkAddresses.IsForbidden(IPAddress.Parse(address))));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("172.16.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("192.0.2.1")]
    [InlineData("198.18.0.1")]
    [InlineData("::1")]
    [InlineData("fd12::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("2002:0a00:0001::")]
    [InlineData("2001:0:1::")]
    [InlineData("2001:db8::1")]
    public void Private_addresses_are_private(string address) =>
        Assert.Equal((true, false), (NetworkAddresses.IsPrivate(IPAddress.Parse(address)), NetworkAddresses.IsForbidden(IPAddress.Parse(address))));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("169.254.169.254")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::169.254.169.254")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("fe80::1")]
    [InlineData("ff02::1")]
    [InlineData("fd00:ec2::254")]
    public void Nobody_is_at_link_local_and_multicast_addresses(string address) => Assert.True(NetworkAddresses.IsForbidden(IPAddress.Parse(address)));
}
