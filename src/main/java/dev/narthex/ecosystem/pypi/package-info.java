/**
 * The PyPI ecosystem: recognition of wheels and source distributions ({@link dev.narthex.ecosystem.pypi.PypiEcosystem}), each of
 * which is fully validated ({@link dev.narthex.ecosystem.pypi.DistributionReader}), and the index that pip, poetry and pdm read
 * ({@link dev.narthex.ecosystem.pypi.SimpleEndpoint}) and twine uploads to ({@link dev.narthex.ecosystem.pypi.UploadEndpoint}).
 * Builds wheels from installed projects ({@link dev.narthex.ecosystem.pypi.WheelBuilder}) and reads lockfiles
 * ({@link dev.narthex.ecosystem.pypi.PypiLock}). "Project" is PyPI's word for package.
 */
@NullMarked
package dev.narthex.ecosystem.pypi;

import org.jspecify.annotations.NullMarked;
