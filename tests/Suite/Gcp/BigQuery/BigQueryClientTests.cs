using System.Text;
using Acceptance.Platform.Gcp.Auth;
using Acceptance.Platform.Gcp.BigQuery;
using Acceptance.Platform.Gcp.Storage;
using Acceptance.Tests.Suite.RealClients;

namespace Acceptance.Tests.Suite.Gcp.BigQuery;

/// <summary>The client against the twin: what it does, and what it says of each fault.</summary>
public sealed class BigQueryClientTests(GcpTwin twin) : IClassFixture<GcpTwin>
{
    private static readonly BucketName Bucket = BucketName.Parse("acc-lab-data");

    private readonly string _dataset = $"client_{Guid.NewGuid():n}";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static TableSchema Schema => new TableSchemaBuilder { { "id", BigQueryDbType.Int64, BigQueryFieldMode.Required }, { "name", BigQueryDbType.String }, { "score", BigQueryDbType.Float64 } }.Build();

    [Fact]
    public async Task Datasets_and_tables_are_made_changed_listed_and_deleted()
    {
        using var bigQuery = await ClientAsync();
        var dataset = await DatasetAsync(bigQuery);
        var table = dataset.DatasetReference.Table("t");

        var made = await bigQuery.CreateTableAsync(new BigQueryTable { TableReference = table, Schema = Schema, Labels = new Dictionary<string, string> { ["run"] = "x" } }, Cancel);
        var changed = await bigQuery.PatchTableAsync(new BigQueryTable { TableReference = table, Description = "scores" }, Cancel);

        (dataset.Location, made.Schema!.Fields[0].DbType, changed.Description, changed.Schema!.Fields.Count).Should().Be(("europe-west1", BigQueryDbType.Int64, "scores", 3));
        (await bigQuery.ListDatasetsAsync(Cancel).ToListAsync(Cancel)).Should().Contain(dataset.DatasetReference);
        (await bigQuery.ListTablesAsync(dataset.DatasetReference, Cancel).ToListAsync(Cancel)).Should().Equal(table);
        (await bigQuery.Invoking(client => client.DeleteDatasetAsync(dataset.DatasetReference, false, Cancel)).Should().ThrowAsync<BigQueryException>()).Which.Reason.Should().Be("resourceInUse");
        await bigQuery.DeleteTableAsync(table, Cancel);
        (await bigQuery.FindTableAsync(table, Cancel)).Should().BeNull();
        await bigQuery.DeleteDatasetAsync(dataset.DatasetReference, true, Cancel);
    }

    [Fact]
    public async Task A_query_has_its_parameters_apart_and_its_values_in_their_types()
    {
        using var bigQuery = await ClientAsync();
        var time = new DateTimeOffset(2026, 11, 24, 10, 20, 30, TimeSpan.Zero).AddTicks(1234560);

        var results = await bigQuery.ExecuteQueryAsync(
            "SELECT @i AS i, @f AS f, @s AS s, @b AS b, @d AS d, @t AS t, @n AS n, @l AS l, CAST(NULL AS INT64) AS nothing",
            [
                new BigQueryParameter("i", BigQueryDbType.Int64, 9007199254740993), new BigQueryParameter("f", BigQueryDbType.Float64, 0.1),
                new BigQueryParameter("s", BigQueryDbType.String, "it's \"é\""), new BigQueryParameter("b", BigQueryDbType.Bool, true),
                new BigQueryParameter("d", BigQueryDbType.Date, new DateOnly(2024, 2, 29)), new BigQueryParameter("t", BigQueryDbType.Timestamp, time),
                new BigQueryParameter("n", BigQueryDbType.Numeric, 12.5m), BigQueryParameter.Array("l", BigQueryDbType.Int64, new long[] { 1, 2 }),
            ],
            new QueryOptions(),
            Cancel);
        var row = (await results.GetRowsAsync(Cancel).ToListAsync(Cancel)).Should().ContainSingle().Which;

        (row["i"], row["f"], row["s"], row["b"], row["d"], row["t"], row["n"], row["nothing"]).Should().Be((9007199254740993L, 0.1, "it's \"é\"", true, new DateOnly(2024, 2, 29), time, 12.5m, (object?)null));
        row.Get<List<object?>>("l").Should().Equal(1L, 2L);
        (results.TotalRows, results.JobReference!.Location).Should().Be((1, "europe-west1"));
        row.Invoking(one => one.Get<string>("i")).Should().Throw<InvalidCastException>().WithMessage("Column i is a Int64, no String: it is i INTEGER*");
        row.Invoking(one => one["absent"]).Should().Throw<KeyNotFoundException>().WithMessage("There is no column 'absent'. The columns are i INTEGER*");
    }

    [Fact]
    public async Task A_result_comes_page_after_page()
    {
        using var bigQuery = await ClientAsync();

        var results = await bigQuery.ExecuteQueryAsync("SELECT n FROM UNNEST(GENERATE_ARRAY(1, 25)) AS n ORDER BY n", [], new QueryOptions { PageSize = 10 }, Cancel);

        (await results.GetRowsAsync(Cancel).Select(row => row.Get<long>("n")).ToListAsync(Cancel)).Should().Equal(Enumerable.Range(1, 25).Select(n => (long)n));
        (await (await bigQuery.GetQueryResultsAsync(results.JobReference!, 7, Cancel)).GetRowsAsync(Cancel).CountAsync(Cancel)).Should().Be(25);
    }

    [Fact]
    public async Task A_query_is_estimated_and_limited_by_what_it_would_read()
    {
        using var bigQuery = await ClientAsync();
        var table = await FilledAsync(bigQuery, "1,a,0.5\n2,b,1.5\n");

        var estimate = await bigQuery.DryRunQueryAsync($"SELECT id, score FROM {table.Sql}", [], new QueryOptions(), Cancel);
        var limited = () => bigQuery.ExecuteQueryAsync($"SELECT * FROM {table.Sql}", [], new QueryOptions { MaximumBytesBilled = 1 }, Cancel);

        (estimate.TotalBytesProcessed, estimate.Schema!.Fields.Count).Should().Be((32, 2));
        (await limited.Should().ThrowAsync<BigQueryException>()).Which.Reason.Should().Be("bytesBilledLimitExceeded");
    }

    [Fact]
    public async Task Files_are_loaded_queried_into_a_table_and_extracted()
    {
        using var bigQuery = await ClientAsync();
        using var gcs = new GcsClient(twin.Pipeline, twin.AddressOf("gcs"), await twin.AsAsync(GcpTwin.Recette), twin.Limits);
        var dataset = (await DatasetAsync(bigQuery)).DatasetReference;
        foreach (var part in new[] { 1, 2 })
        {
            await gcs.UploadMediaAsync(Path($"part-{part}.ndjson"), Text($$"""{"id": {{part}}, "name": "p{{part}}", "score": 0.5}"""), new UploadOptions(), Cancel);
        }

        var load = await bigQuery.LoadAsync([Path("part-*.ndjson")], dataset.Table("loaded"), FileFormat.NewlineDelimitedJson, Schema, new LoadOptions(), Cancel);
        var query = await bigQuery.QueryToTableAsync($"SELECT id, name FROM {dataset.Table("loaded").Sql} WHERE id >= ?", [new BigQueryParameter(null, BigQueryDbType.Int64, 2)], dataset.Table("kept"), WriteDisposition.WriteTruncate, new QueryOptions(), Cancel);
        var extract = await bigQuery.ExtractAsync(dataset.Table("kept"), Path("kept.csv"), new ExtractOptions(), Cancel);

        (load.Statistics!.Load!.OutputRows, load.Statistics.Load.InputFiles, query.Status.State).Should().Be((2, 2, "DONE"));
        extract.Statistics!.Extract!.DestinationUriFileCounts.Should().Equal(1);
        using var back = new MemoryStream();
        (await gcs.DownloadAsync(Path("kept.csv"), back, new ReadOptions(), Cancel)).Verified.Should().BeTrue();
        Encoding.UTF8.GetString(back.ToArray()).Should().Be("id,name\n2,p2\n");
    }

    [Fact]
    public async Task Parquet_is_extracted_and_loaded_as_it_was()
    {
        using var bigQuery = await ClientAsync();
        var table = await FilledAsync(bigQuery, "1,a,0.1\n2,Zoé,\n");
        var copy = new TableReference(table.ProjectId, table.DatasetId, "copy");

        await bigQuery.ExtractAsync(table, Path("rows.parquet"), new ExtractOptions { Format = FileFormat.Parquet }, Cancel);
        await bigQuery.LoadAsync([Path("rows.parquet")], copy, FileFormat.Parquet, null, new LoadOptions(), Cancel);

        var rows = await (await bigQuery.ExecuteQueryAsync($"SELECT id, name, score FROM {copy.Sql} ORDER BY id", Cancel)).GetRowsAsync(Cancel).ToListAsync(Cancel);
        rows.Select(row => (row["id"], row["name"], row["score"])).Should().Equal(new (object?, object?, object?)[] { (1L, "a", 0.1), (2L, "Zoé", null) });
    }

    [Fact]
    public async Task A_file_is_uploaded_and_its_rows_listed()
    {
        using var bigQuery = await ClientAsync();

        var table = await FilledAsync(bigQuery, "1,a,0.5\n2,\"b, c\",\n");

        var rows = await (await bigQuery.ListRowsAsync(table, 1, Cancel)).GetRowsAsync(Cancel).ToListAsync(Cancel);
        rows.Select(row => (row["id"], row["name"], row["score"])).Should().BeEquivalentTo(new (object?, object?, object?)[] { (1L, "a", 0.5), (2L, "b, c", null) });
        (await bigQuery.GetTableAsync(table, Cancel)).NumRows.Should().Be(2);
    }

    [Fact]
    public async Task A_table_that_is_not_empty_is_not_written_over_by_mistake()
    {
        using var bigQuery = await ClientAsync();
        var table = await FilledAsync(bigQuery, "1,a,0.5\n");

        var again = () => bigQuery.UploadAsync(Text("2,b,1\n"), table, FileFormat.Csv, Schema, new LoadOptions(), Cancel);

        var refused = (await again.Should().ThrowAsync<BigQueryException>()).Which;
        refused.Reason.Should().Be("duplicate");
        refused.Message.Should().EndWith("""
            Likely   : it exists already: the table is not empty (WRITE_EMPTY), or the job id was used before
            Try      : take another name or id, or say WRITE_TRUNCATE or WRITE_APPEND
            """.ReplaceLineEndings("\n"));
        (await bigQuery.UploadAsync(Text("2,b,1\n"), table, FileFormat.Csv, null, new LoadOptions { WriteDisposition = WriteDisposition.WriteAppend }, Cancel)).Statistics!.Load!.OutputRows.Should().Be(1);
    }

    [Fact]
    public async Task A_file_with_a_wrong_value_fails_the_job_and_names_the_place()
    {
        using var bigQuery = await ClientAsync();
        var table = (await DatasetAsync(bigQuery)).DatasetReference.Table("t");

        var loading = () => bigQuery.UploadAsync(Text("1,a,0.5\nnot a number,b,1\n"), table, FileFormat.Csv, Schema, new LoadOptions(), Cancel);

        var failed = (await loading.Should().ThrowAsync<BigQueryException>()).Which;
        failed.Message.Should().Match($"Expected : a file uploaded into acc-lab:{_dataset}.t\nObserved : job acc-lab:europe-west1.acc_* is DONE and failed: invalid: *not a number*");
        failed.Reason.Should().Be("invalid");
    }

    [Fact]
    public async Task Rows_are_streamed_in_and_those_that_do_not_fit_are_said_one_by_one()
    {
        using var bigQuery = await ClientAsync();
        var table = (await DatasetAsync(bigQuery)).DatasetReference.Table("t");
        await bigQuery.CreateTableAsync(new BigQueryTable { TableReference = table, Schema = Schema }, Cancel);
        BigQueryInsertRow[] rows = [Row(1, "a"), Row("x", "b"), Row(3, "c")];

        await bigQuery.InsertRowsAsync(table, [Row(0, "z")], new InsertOptions(), Cancel);
        var inserting = () => bigQuery.InsertRowsAsync(table, rows, new InsertOptions(), Cancel);

        var refused = (await inserting.Should().ThrowAsync<BigQueryInsertException>()).Which;
        twin.Text(refused).Should().Match($"""
            Expected : 3 rows inserted into acc-lab:{_dataset}.t
            Observed : 200, and 1 rows are wrong; none was inserted
                       row 1: invalid: * (at id)
            Request  : POST http://bigquery/bigquery/v2/projects/acc-lab/datasets/{_dataset}/tables/t/insertAll -> 200
            Likely   : the rows do not fit the table's schema: one that does not keeps all others out
            Try      : mend the fields that are named, or say skipInvalidRows to let the others in
            """.ReplaceLineEndings("\n"));
        (refused.OthersInserted, refused.RowErrors.Count).Should().Be((false, 3));
        (await (await bigQuery.ListRowsAsync(table, null, Cancel)).GetRowsAsync(Cancel).CountAsync(Cancel)).Should().Be(1);
    }

    [Fact]
    public async Task A_query_that_is_none_is_refused_with_its_place()
    {
        using var bigQuery = await ClientAsync();

        var asking = () => bigQuery.ExecuteQueryAsync("SELECT FROM nothing", Cancel);

        var refused = (await asking.Should().ThrowAsync<BigQueryException>()).Which;
        twin.Text(refused).Should().Match("""
            Expected : the result of a query
            Observed : 400 invalidQuery: Syntax error: *
            Request  : POST http://bigquery/bigquery/v2/projects/acc-lab/queries -> 400*
            Likely   : the query is not what standard SQL takes, or names what is not there
            Try      : run it with dryRun, and look at the place that is named
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Who_may_not_read_a_table_is_told_which_role_to_ask_for()
    {
        using var owner = await ClientAsync();
        var table = await FilledAsync(owner, "1,a,0.5\n");
        using var other = new BigQueryClient(twin.Pipeline, twin.AddressOf("bigquery"), await twin.AsAsync("airflow-run@acc-run.iam.gserviceaccount.com"), GcpTwin.Run, "europe-west1", twin.Limits);

        var asking = () => other.ExecuteQueryAsync($"SELECT * FROM {table.Sql}", Cancel);

        var refused = (await asking.Should().ThrowAsync<BigQueryException>()).Which;
        (refused.Reason, (int?)refused.Status).Should().Be(("accessDenied", 403));
        refused.Message.Should().EndWith("Try      : grant roles/bigquery.dataViewer on the dataset and roles/bigquery.jobUser on the project, or use an identity that has them");
    }

    [Theory]
    [InlineData("B2", "*404 notFound: *was not found*")]
    [InlineData("B8", "*403 rateLimitExceeded: *Likely   : too many requests of a kind in a short time: a burst, no lack of quota\nTry      : do them one after the other, and try again, no sooner than in *")]
    [InlineData("B12", "*403 responseTooLarge: *Likely   : the result is too large for an answer, as that of a large ORDER BY is*")]
    [InlineData("B14", "*407*Likely   : a proxy between here and Google asks for an account of its own (proxyAuthenticationRequired)*")]
    [InlineData("B15", "Expected : microseconds since 1970 in column moment TIMESTAMP*Observed : row 1: '*', which is seconds as a float*")]
    public async Task A_fault_of_a_query_is_named(string fault, string message)
    {
        using var bigQuery = await ClientAsync();
        var table = await FilledAsync(bigQuery, "1,a,0.5\n");
        using var shown = new ShownFault(twin.Twin, fault);

        var asking = async () => await (await bigQuery.ExecuteQueryAsync($"SELECT id, TIMESTAMP_MICROS(1700000000123456) AS moment FROM {table.Sql} ORDER BY id", Cancel)).GetRowsAsync(Cancel).ToListAsync(Cancel);

        (await asking.Should().ThrowAsync<BigQueryException>()).WithMessage(message);
        shown.Hits.Should().BePositive();
    }

    [Theory]
    [InlineData("B4", "*Cannot read and write in different locations*Likely   : the bucket and the dataset are in different locations: BigQuery loads within one*")]
    [InlineData("B11", "*duplicate: *Likely   : it exists already*")]
    public async Task A_fault_of_a_load_is_named(string fault, string message)
    {
        using var bigQuery = await ClientAsync();
        using var gcs = new GcsClient(twin.Pipeline, twin.AddressOf("gcs"), await twin.AsAsync(GcpTwin.Recette), twin.Limits);
        var table = (await DatasetAsync(bigQuery)).DatasetReference.Table("t");
        await gcs.UploadMediaAsync(Path("x.csv"), Text("1,a,0.5\n"), new UploadOptions(), Cancel);
        using var shown = new ShownFault(twin.Twin, fault);

        var loading = () => bigQuery.LoadAsync([Path("x.csv")], table, FileFormat.Csv, Schema, new LoadOptions(), Cancel);

        (await loading.Should().ThrowAsync<BigQueryException>()).WithMessage(message);
        shown.Hits.Should().BePositive();
    }

    [Fact]
    public async Task B5_a_query_without_rows_is_asked_whether_it_failed()
    {
        using var bigQuery = await ClientAsync();
        using var shown = new ShownFault(twin.Twin, "B5");

        var asking = () => bigQuery.ExecuteQueryAsync("SELECT 1 / 0 AS x", Cancel);

        (await asking.Should().ThrowAsync<BigQueryException>()).WithMessage("Expected : the result of a query\nObserved : job acc-lab:europe-west1.* is DONE and failed: invalidQuery: division by zero*");
        shown.Hits.Should().BePositive();
    }

    [Fact]
    public async Task B6_rows_that_never_arrive_are_not_taken_for_inserted()
    {
        using var bigQuery = await ClientAsync();
        var table = (await DatasetAsync(bigQuery)).DatasetReference.Table("t");
        await bigQuery.CreateTableAsync(new BigQueryTable { TableReference = table, Schema = Schema }, Cancel);
        using var shown = new ShownFault(twin.Twin, "B6");

        await bigQuery.Invoking(client => client.InsertRowsAsync(table, [Row(1, "a")], new InsertOptions(), Cancel)).Should().ThrowAsync<BigQueryInsertException>();
    }

    [Fact]
    public async Task B7_rows_of_the_streaming_buffer_are_said_to_be()
    {
        using var bigQuery = await ClientAsync();
        var table = (await DatasetAsync(bigQuery)).DatasetReference.Table("t");
        await bigQuery.CreateTableAsync(new BigQueryTable { TableReference = table, Schema = Schema }, Cancel);
        using var shown = new ShownFault(twin.Twin, "B7");
        await bigQuery.InsertRowsAsync(table, [Row(1, "a")], new InsertOptions(), Cancel);

        var updating = () => bigQuery.ExecuteQueryAsync($"UPDATE {table.Sql} SET name = 'b' WHERE id = 1", Cancel);

        (await updating.Should().ThrowAsync<BigQueryException>()).WithMessage("*streaming buffer*Likely   : rows that were streamed in stay in a buffer for up to 90 minutes, and cannot be changed there*");
    }

    [Fact]
    public async Task B13_a_job_that_fails_in_passing_is_run_again_under_a_new_id()
    {
        using var bigQuery = await ClientAsync();
        var table = await FilledAsync(bigQuery, "1,a,0.5\n");
        using var shown = new ShownFault(twin.Twin, "B13");

        foreach (var _ in new[] { 1, 2 })
        {
            (await (await bigQuery.ExecuteQueryAsync($"SELECT id FROM {table.Sql}", Cancel)).GetRowsAsync(Cancel).CountAsync(Cancel)).Should().Be(1);
            (await bigQuery.QueryToTableAsync($"SELECT id FROM {table.Sql}", [], new TableReference(GcpTwin.Lab, _dataset, "copy"), WriteDisposition.WriteTruncate, new QueryOptions(), Cancel)).Status.State.Should().Be("DONE");
        }

        shown.Hits.Should().BePositive();
    }

    private static BigQueryInsertRow Row(object id, string name) => new(new Dictionary<string, object?> { ["id"] = id, ["name"] = name, ["score"] = null });

    private static MemoryStream Text(string text) => new(Encoding.UTF8.GetBytes(text));

    private ObjectPath Path(string name) => new(Bucket, $"{_dataset}/{name}");

    private async Task<BigQueryClient> ClientAsync() =>
        new(twin.Pipeline, twin.AddressOf("bigquery"), await twin.AsAsync(GcpTwin.Recette), GcpTwin.Lab, "europe-west1", twin.Limits, new JobTimes { Every = TimeSpan.FromMilliseconds(20), Within = TimeSpan.FromSeconds(30) });

    private Task<BigQueryDataset> DatasetAsync(BigQueryClient bigQuery) => bigQuery.CreateDatasetAsync(new BigQueryDataset { DatasetReference = new DatasetReference(GcpTwin.Lab, _dataset) }, Cancel);

    private async Task<TableReference> FilledAsync(BigQueryClient bigQuery, string csv)
    {
        var table = (await DatasetAsync(bigQuery)).DatasetReference.Table("filled");
        await bigQuery.UploadAsync(Text(csv), table, FileFormat.Csv, Schema, new LoadOptions(), Cancel);
        return table;
    }
}
