using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using NUnit.Framework;

namespace GameSockets.Tests
{
    /// <summary>A native library that is absent, broken or of another version: the exception names file, place and version.</summary>
    public sealed class NativeLibraryTests
    {
        /// <summary>What a library of an older version would answer.</summary>
        private const string Older = @"
#[unsafe(no_mangle)]
pub extern ""C"" fn gamesockets_schema_hash() -> u64 { 0x1234_5678 }
#[unsafe(no_mangle)]
pub unsafe extern ""C"" fn gamesockets_version(buffer: *mut u8, _capacity: usize, length: *mut usize) -> i32 {
    unsafe { std::ptr::copy_nonoverlapping(b""0.0.7"".as_ptr(), buffer, 5) };
    unsafe { *length = 5 };
    1
}";

        private static string FileName =>
            RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? "gamesockets_ffi.dll"
                : RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? "libgamesockets_ffi.dylib" : "libgamesockets_ffi.so";

        private string folder;

        [SetUp]
        public void CopyTheProgramWithoutTheLibrary()
        {
            folder = Path.Combine(Path.GetTempPath(), "gamesockets-load-" + Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(folder);
            foreach (string file in Directory.GetFiles(Programs.Folder))
            {
                string name = Path.GetFileName(file);
                if (name != FileName)
                {
                    File.Copy(file, Path.Combine(folder, name));
                }
            }
        }

        [TearDown]
        public void RemoveTheCopy()
        {
            Directory.Delete(folder, true);
        }

        [Test]
        public void ACopyBesideTheProgramIsLoaded()
        {
            File.Copy(Path.Combine(Programs.Folder, FileName), Path.Combine(folder, FileName));
            Assert.That(Load(), Is.EqualTo("loaded"));
        }

        [Test]
        public void AnAbsentLibraryIsNamedWithItsPlace()
        {
            string said = Load();
            Assert.That(said, Does.StartWith("NativeLibraryException: The native library of GameSockets was not found."));
            CheckNames(said);
            Assert.That(said, Does.Contain("(is not there)"));
            Assert.That(said, Does.Contain("cause: DllNotFoundException"));
        }

        [Test]
        public void ABrokenLibraryIsNamedWithItsPlace()
        {
            File.WriteAllText(Path.Combine(folder, FileName), "no library");
            string said = Load();
            Assert.That(said, Does.StartWith("NativeLibraryException: "));
            CheckNames(said);
            Assert.That(said, Does.Contain("(is there)"));
        }

        [Test]
        public void AnOlderLibraryIsNamedWithBothVersions()
        {
            string source = Path.Combine(folder, "older.rs");
            File.WriteAllText(source, Older);
            string library = Path.Combine(folder, FileName);
            Programs.Run("rustc", "--edition=2024", "--crate-type=cdylib", "-Cpanic=abort", "-o", library, source);
            string said = Load();
            Assert.That(said, Does.StartWith("NativeLibraryException: The native library of GameSockets is of another version"));
            CheckNames(said);
            Assert.That(said, Does.Contain("it says 0.0.7"));
            Assert.That(said, Does.Contain("0000000012345678"));
            Assert.That(said, Does.Contain("(is there)"));
        }

        [Test]
        public void ALibraryWithoutVersionIsTooOld()
        {
            string source = Path.Combine(folder, "old.rs");
            File.WriteAllText(source, "#[unsafe(no_mangle)] pub extern \"C\" fn something_else() {}");
            string library = Path.Combine(folder, FileName);
            Programs.Run("rustc", "--edition=2024", "--crate-type=cdylib", "-Cpanic=abort", "-o", library, source);
            string said = Load();
            Assert.That(said, Does.Contain("does not tell its version"));
            CheckNames(said);
            Assert.That(said, Does.Contain("cause: EntryPointNotFoundException"));
        }

        private void CheckNames(string said)
        {
            Assert.That(said, Does.Contain(FileName));
            Assert.That(said, Does.Contain(folder));
            Assert.That(said, Does.Contain("version " + NativeVersion.Version));
        }

        private string Load()
        {
            string assembly = Path.GetFileName(typeof(NativeLibraryTests).Assembly.Location);
            (string file, List<string> arguments) = Programs.Managed(Path.Combine(folder, assembly));
            arguments.AddRange(new[] { "child", "load" });
            using var child = new RunningProgram(file, arguments.ToArray());
            Assert.That(child.Finish(), Is.Zero, child.Said);
            return child.Said;
        }
    }
}
