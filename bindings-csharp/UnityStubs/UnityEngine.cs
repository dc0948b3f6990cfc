// A stand-in, for tests alone: see README.md.
using System;

namespace UnityEngine
{
    public class Object
    {
    }

    public class MonoBehaviour : Object
    {
    }

    public static class Time
    {
        public static float realtimeSinceStartup => Environment.TickCount / 1000f;
    }

    public static class Debug
    {
        /// <summary>What was logged, for tests.</summary>
        public static event Action<string> Logged;

        public static void LogWarning(object message, Object context)
        {
            Logged?.Invoke(message.ToString());
        }

        public static void LogError(object message, Object context)
        {
            Logged?.Invoke(message.ToString());
        }

        public static void LogException(Exception exception, Object context)
        {
            Logged?.Invoke(exception.Message);
        }
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class SerializeField : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class TooltipAttribute : Attribute
    {
        public TooltipAttribute(string tooltip)
        {
            _ = tooltip;
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class DefaultExecutionOrder : Attribute
    {
        public DefaultExecutionOrder(int order)
        {
            _ = order;
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class AddComponentMenu : Attribute
    {
        public AddComponentMenu(string menuName)
        {
            _ = menuName;
        }
    }
}
