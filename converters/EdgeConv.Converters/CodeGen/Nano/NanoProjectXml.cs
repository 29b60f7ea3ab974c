namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>A project of the .NET nanoFramework extension of Visual Studio.</summary>
internal static class NanoProjectXml
{
    /// <summary>The CoreLibrary that everything is made for.</summary>
    public const string CoreLibrary = "1.17.11";

    /// <param name="outputType">Exe or Library.</param>
    /// <param name="name">Of its namespace and assembly.</param>
    /// <param name="beforeType">Lines of properties before its type, with their ends.</param>
    /// <param name="afterType">Lines of properties behind it.</param>
    /// <param name="afterLanguage">Lines of properties behind the language.</param>
    /// <param name="items">Lines of what is compiled, referenced and carried along.</param>
    /// <param name="end">Lines at the end.</param>
    public static string Write(string outputType, string name, string items, string beforeType = "", string afterType = "", string afterLanguage = "", string end = "") => $"""
        <?xml version="1.0" encoding="utf-8"?>
        <Project ToolsVersion="15.0" DefaultTargets="Build" xmlns="http://schemas.microsoft.com/developer/msbuild/2003">
          <PropertyGroup Label="Globals">
            <NanoFrameworkProjectSystemPath>$(MSBuildExtensionsPath)\nanoFramework\v1.0\</NanoFrameworkProjectSystemPath>
          </PropertyGroup>
          <Import Project="$(NanoFrameworkProjectSystemPath)NFProjectSystem.Default.props" Condition="Exists('$(NanoFrameworkProjectSystemPath)NFProjectSystem.Default.props')" />
          <PropertyGroup>
            <Configuration Condition=" '$(Configuration)' == '' ">Release</Configuration>
            <Platform Condition=" '$(Platform)' == '' ">AnyCPU</Platform>
            <ProjectTypeGuids>{"{11A8DD76-328B-46DF-9F39-F559912D0360};{FAE04EC0-301F-11D3-BF4B-00C04F79EFBC}"}</ProjectTypeGuids>
        {beforeType}    <OutputType>{outputType}</OutputType>
        {afterType}    <FileAlignment>512</FileAlignment>
            <RootNamespace>{name}</RootNamespace>
            <AssemblyName>{name}</AssemblyName>
            <TargetFrameworkVersion>v1.0</TargetFrameworkVersion>
            <LangVersion>9.0</LangVersion>
        {afterLanguage}  </PropertyGroup>
          <Import Project="$(NanoFrameworkProjectSystemPath)NFProjectSystem.props" Condition="Exists('$(NanoFrameworkProjectSystemPath)NFProjectSystem.props')" />
        {items}  <ItemGroup>
            <None Include="packages.config" />
          </ItemGroup>
          <Import Project="$(NanoFrameworkProjectSystemPath)NFProjectSystem.CSharp.targets" Condition="Exists('$(NanoFrameworkProjectSystemPath)NFProjectSystem.CSharp.targets')" />
        {end}</Project>

        """;
}
