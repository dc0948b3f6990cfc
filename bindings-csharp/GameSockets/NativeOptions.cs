using System;
using System.Runtime.InteropServices;

namespace GameSockets
{
    /// <summary>Options in native memory, for the length of a call.</summary>
    internal unsafe ref struct NativeOptions
    {
        private readonly NativeConfigEntry* entries;
        private readonly int count;

        internal NativeOptions(ConfigOption[] options)
        {
            count = options == null ? 0 : options.Length;
            entries = null;
            if (count == 0)
            {
                return;
            }
            entries = (NativeConfigEntry*)Marshal.AllocHGlobal(count * sizeof(NativeConfigEntry));
            for (int index = 0; index < count; index++)
            {
                entries[index] = Entry(in options[index]);
            }
        }

        internal NativeConfigEntry* Entries => entries;

        internal UIntPtr Count => (UIntPtr)count;

        public void Dispose()
        {
            for (int index = 0; index < count; index++)
            {
                Marshal.FreeHGlobal((IntPtr)entries[index].Text);
            }
            Marshal.FreeHGlobal((IntPtr)entries);
        }

        private static NativeConfigEntry Entry(in ConfigOption option)
        {
            var entry = new NativeConfigEntry
            {
                Option = (int)option.Option,
                DataType = (int)option.DataType,
                Integer = option.Integer,
                Real = option.Real,
            };
            byte[] text = Utf8.Bytes(option.Text);
            if (text.Length > 0)
            {
                entry.Text = (byte*)Marshal.AllocHGlobal(text.Length);
                entry.TextLength = (UIntPtr)text.Length;
                Marshal.Copy(text, 0, (IntPtr)entry.Text, text.Length);
            }
            return entry;
        }
    }
}
