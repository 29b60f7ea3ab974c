using System.Reflection;

[assembly: AssemblyTitle("EdgeConv.Nano")]
[assembly: AssemblyCompany("EdgeConv")]
[assembly: AssemblyVersion("0.1.0.0")]
