using System.Security.Cryptography;
using Backend.Encryption;
using Functions.Tests.Fixtures;
using Local.Hosting;

namespace Functions.Tests.Encryption;

public sealed class FileKeyWrapperTests : KeyWrapperContract, IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DataFolder _data;

    public FileKeyWrapperTests() => _data = new DataFolder(_folder.Path);

    [Fact]
    public async Task The_file_is_made_when_it_is_needed_and_is_its_owners_alone()
    {
        var file = _folder.File(FileKeyWrapper.FileName);
        var wrapper = await CreateAsync();
        Assert.False(File.Exists(file));

        await wrapper.GetCurrentKeyIdAsync(TestContext.Current.CancellationToken);

        Assert.True(File.Exists(file));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task A_file_that_holds_no_key_is_said_to()
    {
        await File.WriteAllTextAsync(_folder.File(FileKeyWrapper.FileName), "secret", TestContext.Current.CancellationToken);

        var wrapper = await CreateAsync();

        await Assert.ThrowsAsync<InvalidDataException>(() => wrapper.GetCurrentKeyIdAsync(TestContext.Current.CancellationToken));
    }

    public void Dispose()
    {
        _data.Dispose();
        _folder.Dispose();
    }

    protected override Task<IKeyWrapper> CreateAsync() => Task.FromResult<IKeyWrapper>(new FileKeyWrapper(_data));

    protected override async Task AddKeyAsync()
    {
        var file = _folder.File(FileKeyWrapper.FileName);
        var added = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        await File.WriteAllTextAsync(file, $"{added}\n{await File.ReadAllTextAsync(file)}\n");
    }
}
