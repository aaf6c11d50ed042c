"""The core's steps, each by itself and all together: values in, values out; nothing here has a clock."""
