using System.Reflection;

[assembly: AssemblyTitle("EdgeConv.Nano.Devices")]
[assembly: AssemblyCompany("EdgeConv")]
[assembly: AssemblyVersion("0.1.0.0")]
