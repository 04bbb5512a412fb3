namespace Togglr.Statistics.Numerics;

/// <summary>Small symmetric positive semi-definite systems, as covariances of a few covariates are.</summary>
internal static class LinearSystem
{
    /// <summary>
    /// x with A·x = b by Cholesky's decomposition. A row that the rows before explain (a constant covariate, or one that repeats others)
    /// gets x = 0 instead of a division by nothing.
    /// </summary>
    internal static double[] Solve(double[,] matrix, double[] right)
    {
        var n = right.Length;
        var root = new double[n, n];
        var used = new bool[n];
        for (var j = 0; j < n; j++)
        {
            var pivot = matrix[j, j];
            for (var k = 0; k < j; k++)
                pivot -= root[j, k] * root[j, k];
            used[j] = pivot > 1e-10 * matrix[j, j] && pivot > 0;
            if (!used[j])
            {
                for (var k = 0; k <= j; k++)
                    root[j, k] = 0;
                continue;
            }
            root[j, j] = Math.Sqrt(pivot);
            for (var i = j + 1; i < n; i++)
            {
                var sum = matrix[i, j];
                for (var k = 0; k < j; k++)
                    sum -= root[i, k] * root[j, k];
                root[i, j] = sum / root[j, j];
            }
        }
        var x = new double[n];
        for (var i = 0; i < n; i++)
        {
            if (!used[i])
                continue;
            x[i] = right[i];
            for (var k = 0; k < i; k++)
                x[i] -= root[i, k] * x[k];
            x[i] /= root[i, i];
        }
        for (var i = n - 1; i >= 0; i--)
        {
            if (!used[i])
                continue;
            for (var k = i + 1; k < n; k++)
                x[i] -= root[k, i] * x[k];
            x[i] /= root[i, i];
        }
        return x;
    }
}
